import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { eventsOf } from "./event-queue.ts";
import { Pool } from "./pool.ts";
import { SharedWork } from "./shared-work.ts";

function controllers(count: number): AbortController[] {
  return Array.from({ length: count }, () => new AbortController());
}

describe("SharedWork", () => {
  const counted = () => {
    const seen = { begun: 0, aborted: 0 };
    const work = new SharedWork(async (signal) => {
      seen.begun++;
      await sleep(20, undefined, { signal }).catch(() => seen.aborted++);
      signal.throwIfAborted();
      return seen.begun;
    });
    return { seen, work };
  };

  it("is done once for all, and again when it was taken", async () => {
    const { seen, work } = counted();
    expect(await Promise.all([work.get(undefined), work.get(new AbortController().signal)])).toEqual([1, 1]);
    expect(await work.get(undefined)).toBe(1);
    expect(await work.take()).toBe(1);
    expect(work.take()).toBeUndefined();
    expect(await work.get(undefined)).toBe(2);
    expect(seen).toEqual({ begun: 2, aborted: 0 });
  });

  it("goes on while somebody waits, and is aborted when nobody does", async () => {
    const { seen, work } = counted();
    const [one, two] = controllers(2);
    const callers = Promise.allSettled([work.get(one!.signal), work.get(two!.signal)]);
    one!.abort(new Error("one"));
    await sleep(0);
    expect(seen.aborted).toBe(0);
    two!.abort(new Error("two"));
    expect(await callers).toMatchObject([{ reason: new Error("one") }, { reason: new Error("two") }]);
    await sleep(0);
    expect(seen).toEqual({ begun: 1, aborted: 1 });
    expect(await work.get(undefined)).toBe(2);
  });

  it("that failed is tried anew", async () => {
    let tries = 0;
    const work = new SharedWork(async () => {
      if (tries++ === 0) throw new Error("no");
      return "yes";
    });
    await expect(work.get(undefined)).rejects.toThrow("no");
    expect(await work.get(undefined)).toBe("yes");
  });
});

describe("Pool", () => {
  it("lends in the order of asking, and forgets those who left", async () => {
    const pool = new Pool(["a"]);
    const [leaver] = controllers(1);
    const first = await pool.acquire();
    const log: string[] = [];
    const left = pool.acquire(leaver!.signal);
    const rest = ["second", "third"].map(async (name) => {
      const item = await pool.acquire();
      log.push(name);
      pool.release(item);
    });
    leaver!.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    await expect(pool.acquire(leaver!.signal)).rejects.toThrow("left");
    pool.release(first);
    await Promise.all(rest);
    expect(log).toEqual(["second", "third"]);
    expect(await pool.acquire()).toBe("a");
  });
});

describe("eventsOf", () => {
  it("gives all events, then the error of the work", async () => {
    const seen: number[] = [];
    const events = eventsOf<number>(async (emit) => {
      emit(1);
      await sleep(5);
      emit(2);
      emit(3);
      throw new Error("broken");
    }, undefined);
    const read = async () => {
      for await (const event of events) seen.push(event);
    };
    await expect(read()).rejects.toThrow("broken");
    expect(seen).toEqual([1, 2, 3]);
  });

  it("does not begin before it is read, does not wait for its reader, and is aborted when it leaves", async () => {
    let state = "new";
    const events = eventsOf<number>(async (emit, signal) => {
      state = "begun";
      for (let event = 0; event < 3; event++) emit(event);
      state = "ahead";
      await sleep(10_000, undefined, { signal }).catch(() => {
        state = "aborted";
      });
    }, undefined);
    await sleep(1);
    expect(state).toBe("new");
    for await (const event of events) {
      expect([event, state]).toEqual([0, "ahead"]);
      break;
    }
    await sleep(1);
    expect(state).toBe("aborted");
  });
});
