import fc from "fast-check";
import { expect, test } from "vitest";
import { VirtualClock } from "../../test/support/virtual-clock.ts";
import type { Outgoing } from "../contract/layer.ts";
import type { Received } from "../contract/received.ts";
import { limit } from "./limit.ts";
import { localLimitStore } from "./limit-store.ts";

// The limiter beside a checker that knows nothing of how it works: it looks at every window of what happened.

interface Arrival {
  readonly after: number;
  readonly estimate: number;
  readonly used: number;
  readonly lasts: number;
  readonly aborts: number | undefined;
  /** Seconds of a retry-after, where it is refused. */
  readonly refused: number | undefined;
}

interface Seen extends Arrival {
  readonly arrived: number;
  started?: number;
  ended?: number;
  left?: number;
}

interface Limits {
  readonly concurrency: number;
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
}

const window = 60_000;
// What sums of fractions may be off.
const rounding = 1e-6;

/** Sends what arrives through a limiter on a virtual clock and notes when each started and ended. */
async function play(arrivals: readonly Arrival[], limits: Limits): Promise<Seen[]> {
  const clock = new VirtualClock();
  const layer = limit({ ...limits, store: localLimitStore(() => clock.now), wait: clock.wait });
  const all: Seen[] = [];
  const one = async (seen: Seen) => {
    const controller = new AbortController();
    const { estimate, used, lasts, aborts, refused } = seen;
    if (aborts !== undefined) {
      void clock.wait(aborts).then(() => {
        if (seen.started === undefined) seen.left = clock.now;
        controller.abort();
      });
    }
    const read = () => ({ inputTokens: used, outputTokens: 0 });
    // Of a request the limiter looks at these alone.
    const request = {
      signal: controller.signal,
      estimatedInputTokens: estimate,
      prepared: {},
      read,
      with: () => request,
    };
    const next = async () => {
      seen.started = clock.now;
      await clock.wait(lasts);
      seen.ended = clock.now;
      if (refused === undefined) return {} as Received;
      throw Object.assign(new Error("busy"), { status: 429, headers: { "retry-after": String(refused) } });
    };
    await layer.send?.(request as unknown as Outgoing, next).catch(() => {});
  };
  const arrive = async () => {
    for (const [index, arrival] of arrivals.entries()) {
      await clock.wait(arrival.after);
      // No two things happen at the same time, so that there is one truth about what came first.
      const lasts = arrival.lasts + (Math.sqrt(index + 2) % 1);
      const aborts = arrival.aborts && arrival.aborts + (Math.cbrt(index + 2) % 1);
      const seen: Seen = { ...arrival, lasts, aborts, arrived: clock.now };
      all.push(seen);
      void one(seen);
    }
  };
  await Promise.all([arrive(), clock.run()]);
  await clock.run();
  expect([(layer as { waiting: number }).waiting, (layer as { running: number }).running]).toEqual([0, 0]);
  return all;
}

/** Whether a request of so many tokens may start, after all that happened until then. */
function mayStart(at: number, tokens: number, others: readonly Seen[], limits: Limits): boolean {
  const begun = others.filter(({ started = Number.POSITIVE_INFINITY }) => started <= at);
  const running = begun.filter(({ ended = Number.POSITIVE_INFINITY }) => ended > at);
  const inside = begun.filter(({ started = 0 }) => started > at - window + rounding);
  const sum = inside.reduce((total, { ended = Number.POSITIVE_INFINITY, used, estimate, refused }) => {
    if (ended > at) return total + estimate;
    // What was refused has used nothing.
    return refused === undefined ? total + used : total;
  }, 0);
  const paused = begun.some(
    ({ refused, ended = 0 }) => refused !== undefined && ended <= at && at < ended + refused * 1000,
  );
  return (
    !paused &&
    running.length < limits.concurrency &&
    inside.length < limits.requestsPerMinute &&
    sum + tokens <= limits.tokensPerMinute
  );
}

const arrival = fc.record({
  after: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20_000 })),
  estimate: fc.integer({ min: 0, max: 100 }),
  used: fc.integer({ min: 0, max: 150 }),
  lasts: fc.integer({ min: 1, max: 30_000 }),
  aborts: fc.option(fc.integer({ min: 1, max: 90_000 }), { nil: undefined, freq: 4 }),
  refused: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined, freq: 6 }),
});
const limits = fc.record({
  concurrency: fc.integer({ min: 1, max: 5 }),
  requestsPerMinute: fc.integer({ min: 1, max: 8 }),
  tokensPerMinute: fc.integer({ min: 100, max: 400 }),
});

test("no window is overrun, the order holds, and nobody waits longer than the limits want", {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arrival, { maxLength: 25 }), limits, async (arrivals, kept) => {
      const all = await play(arrivals, kept);
      const events = all
        .flatMap(({ arrived, started, ended, left, refused }) => [
          arrived,
          left,
          ended,
          started === undefined ? undefined : started + window,
          ended === undefined || refused === undefined ? undefined : ended + refused * 1000,
        ])
        .filter((at) => at !== undefined);
      let before = 0;
      for (const [index, one] of all.entries()) {
        const { started, left, estimate, arrived } = one;
        if (started === undefined) {
          expect(left).toBeDefined();
          before = Math.max(before, left ?? 0);
          continue;
        }
        // Strict order: all that came before have started, or given up.
        expect(started).toBeGreaterThanOrEqual(before);
        const earlier = all.slice(0, index);
        expect(mayStart(started, estimate, earlier, kept)).toBe(true);
        const least = Math.max(before, arrived);
        for (const at of events.filter((at) => at >= least && at < started - rounding)) {
          expect(mayStart(at, estimate, earlier, kept), `could have started at ${at}, not ${started}`).toBe(false);
        }
        before = started;
      }
    }),
    { numRuns: 300 },
  );
});
