import { expect, test } from "vitest";
import { deepFreeze } from "../../test/support/replay.ts";
import { madeHere } from "../message/origin.ts";
import { snapshot } from "./snapshot.ts";

test("plain arrays and objects are copied to the bottom, and nothing given is changed", () => {
  const given = deepFreeze({ list: [{ a: 1 }, [2]], text: "x", none: null, missing: undefined });
  const copy = snapshot(given) as typeof given;
  expect(copy).toStrictEqual(given);
  for (const [one, other] of [
    [copy, given],
    [copy.list, given.list],
    [copy.list[0], given.list[0]],
    [copy.list[1], given.list[1]],
  ]) {
    expect(one).not.toBe(other);
    expect(Object.isFrozen(one)).toBe(false);
  }
});

test("what is no plain data is the very same, and so is what a turn came from", () => {
  const date = new Date(0);
  const bytes = new Uint8Array([1]);
  const native = madeHere({ provider: "openai", message: { role: "assistant", content: "Hi" } });
  const given = { date, bytes, turn: { role: "assistant", content: "Hi", native } };
  const copy = snapshot(given) as typeof given;
  expect(copy.date).toBe(date);
  expect(copy.bytes).toBe(bytes);
  expect(copy.turn).not.toBe(given.turn);
  expect(copy.turn.native).toBe(native);
  expect(snapshot(date)).toBe(date);
  // Only what the library marked is such an origin: any other is data.
  const forged = { native: { provider: "openai", message: {} } };
  expect((snapshot(forged) as typeof forged).native).not.toBe(forged.native);
});

test("depth, width, circles, objects without a prototype and a `__proto__` of its own are copied, too", () => {
  let deep: unknown[] = [];
  for (let level = 0; level < 20_000; level++) deep = [deep];
  const copied = snapshot(deep) as unknown[];
  expect(copied === deep || copied[0] === deep[0]).toBe(false);
  expect(copied[0]).toHaveLength(1);
  const wide = Array.from({ length: 60_000 }, (_, index) => ({ index }));
  const both = snapshot({ wide, again: wide }) as { wide: typeof wide; again: typeof wide };
  expect([both.wide[59_999], both.wide === both.again]).toEqual([{ index: 59_999 }, true]);
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const round = snapshot(circle) as typeof circle;
  expect([round.self === round, round === circle]).toEqual([true, false]);
  const bare = Object.assign(Object.create(null), { a: [1] }) as { a: number[] };
  const copyOfBare = snapshot({ bare }) as { bare: typeof bare };
  expect([Object.getPrototypeOf(copyOfBare.bare), copyOfBare.bare.a]).toEqual([null, [1]]);
  const hostile = snapshot(JSON.parse('{"a":{"__proto__":{"x":1}}}') as object) as { a: { x?: number } };
  expect([Object.keys(hostile.a), hostile.a.x, ({} as { x?: unknown }).x]).toEqual([
    ["__proto__"],
    undefined,
    undefined,
  ]);
});

test("what a program added to the prototype of all objects is in no copy", () => {
  const read = () => {
    Object.defineProperty(Object.prototype, "added", { value: { odd: true }, enumerable: true, configurable: true });
    try {
      return Object.keys(snapshot({ own: {} }) as object);
    } finally {
      Reflect.deleteProperty(Object.prototype, "added");
    }
  };
  expect(read()).toEqual(["own"]);
});
