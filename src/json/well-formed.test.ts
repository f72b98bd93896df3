import { expect, test } from "vitest";
import { deepFreeze } from "../../test/support/replay.ts";
import { toWellFormed } from "./well-formed.ts";

const half = "\ud83d";

test("[A13] what is well-formed stays the very same", () => {
  const bytes = new Uint8Array([1]);
  const value = deepFreeze({ a: ["😀", { b: "é" }], c: null, d: undefined, e: 1n });
  expect(toWellFormed(value)).toBe(value);
  expect(toWellFormed(bytes)).toBe(bytes);
  expect(toWellFormed("😀")).toBe("😀");
});

test("[A13] halves of pairs are replaced in a copy, each told once; what was one object still is one", () => {
  const shared = { text: `a${half}` };
  const own = new (class Own {
    text = half;
  })();
  const given = deepFreeze({ list: [shared, shared], text: `${half}b\udc00`, own, bytes: 1 });
  let found = 0;
  const made = toWellFormed(given, () => found++);
  expect(made).toEqual({ list: [{ text: "a\ufffd" }, { text: "a\ufffd" }], text: "\ufffdb\ufffd", own, bytes: 1 });
  expect(made.list[0]).toBe(made.list[1]);
  // What is no plain data is nobody's to copy.
  expect(made.own).toBe(own);
  expect(found).toBe(2);
});

test("neither depth, circles nor a `__proto__` of its own hurt", () => {
  let deep: unknown = "end";
  for (let level = 0; level < 20_000; level++) deep = [deep];
  expect(toWellFormed(deep)).toBe(deep);
  const circle: { self?: unknown; text: string } = { text: half };
  circle.self = circle;
  const made = toWellFormed(circle);
  expect([made.text, made.self === made]).toEqual(["\ufffd", true]);
  const hostile = toWellFormed(JSON.parse(`{"__proto__":{"x":"${half}"}}`) as object);
  expect([Object.keys(hostile), ({} as { x?: unknown }).x]).toEqual([["__proto__"], undefined]);
});
