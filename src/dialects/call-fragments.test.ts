import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ToolCallDraft } from "../contract/provider.ts";
import { addToCall, beginCall, type CallFragment, sameCall } from "./call-fragments.ts";

type Given = Partial<CallFragment>;

/** The calls that these fragments make. */
function fold(...fragments: readonly Given[]): ToolCallDraft[] {
  const calls: ToolCallDraft[] = [];
  for (const given of fragments) {
    const fragment = { index: undefined, id: "", name: "", input: "", ...given };
    addToCall(sameCall(calls, fragment) ?? beginCall(calls, fragment), fragment);
  }
  return calls;
}

/** Id, name and arguments of each. */
const told = (calls: readonly ToolCallDraft[]) => calls.map(({ id, name, input }) => [id, name, input]);

test("[C1] a known id belongs to its call, whatever the index", () => {
  const head = { index: 0, id: "X", name: "pay" };
  for (const first of ["", "{}", '{"eur":5}']) {
    const calls = fold({ ...head, input: first }, { ...head, index: 1, input: '{"eur":5}' });
    expect(told(calls)).toEqual([["X", "pay", '{"eur":5}']]);
  }
  expect(told(fold({ ...head, input: '{"eu' }, { ...head, index: 1, input: 'r":5}' }))).toEqual([
    ["X", "pay", '{"eur":5}'],
  ]);
  // Between fragments of another call, too.
  const other = { index: 1, id: "Y", name: "log" };
  const mixed = fold(
    { ...head, input: '{"eu' },
    { ...other, input: '{"text"' },
    { index: 2, id: "X", input: 'r":5}' },
    { index: 3, id: "Y", input: ':"a"}' },
  );
  expect(told(mixed)).toEqual([
    ["X", "pay", '{"eur":5}'],
    ["Y", "log", '{"text":"a"}'],
  ]);
});

test("[C1] one id for calls of several tools, or with arguments that differ and are whole, is no id", () => {
  const twice = fold(
    { index: 0, id: "0", name: "f", input: '{"a":1}' },
    { index: 1, id: "0", name: "f", input: '{"a":2}' },
    { index: 2, id: "0", name: "f", input: '{"a":2}' },
  );
  expect(told(twice)).toEqual([
    ["0", "f", '{"a":1}'],
    ["0", "f", '{"a":2}'],
  ]);
  const calls = fold(
    { index: 0, id: "0", name: "f", input: '{"a":1}' },
    { index: 1, id: "0", name: "g", input: '{"b":2}' },
  );
  expect(told(calls)).toEqual([
    ["0", "f", '{"a":1}'],
    ["0", "g", '{"b":2}'],
  ]);
});

test("[C2] a fragment without id and name belongs to the open call", () => {
  const head = { index: 0, id: "b", name: "f", input: '{"zo' };
  for (const index of [0, 1, 7, undefined]) {
    expect(told(fold(head, { index, input: 'ne":' }, { index, input: '"x"}' }))).toEqual([["b", "f", '{"zone":"x"}']]);
  }
  // A call that is whole is not open any more, though the index is its.
  const whole = { index: 0, id: "a", name: "f", input: '{"zone":"y"}' };
  expect(told(fold(whole, { ...head, index: 1 }, { index: 0, input: 'ne":"x"}' }))).toEqual([
    ["a", "f", '{"zone":"y"}'],
    ["b", "f", '{"zone":"x"}'],
  ]);
  expect(told(fold(whole, { ...head, index: 1 }, { index: 0, input: whole.input }))[0]).toEqual([
    "a",
    "f",
    whole.input,
  ]);
});

test("[C2] a tail that repeats the name, or has an id of its own, is no head", () => {
  const head = { index: 0, id: "b", name: "f", input: '{"zo' };
  for (const tail of [
    { index: 1, name: "f" },
    { index: 0, id: "c" },
    { index: 1, id: "c", name: "f" },
  ]) {
    expect(told(fold(head, { ...tail, input: 'ne":"x"}' }))).toEqual([["b", "f", '{"zone":"x"}']]);
  }
});

test("[C2] what no call is open for is a call that nobody offered, not the arguments of another", () => {
  const head = { index: 0, id: "b", name: "f", input: '{"zone":"x"}' };
  expect(told(fold(head, { index: 1, input: '{"zone":"y"}' }))).toEqual([
    ["b", "f", '{"zone":"x"}'],
    ["", "", '{"zone":"y"}'],
  ]);
  expect(told(fold(head, { index: 1, input: " " }))).toEqual([["b", "f", '{"zone":"x"}']]);
});

test("[C3] a named fragment after whole JSON begins a new call", () => {
  for (const index of [0, undefined]) {
    const calls = fold(
      { index, name: "roll", input: '{"dice":1}' },
      { index, name: "roll", input: '{"di' },
      { index, input: 'ce":2}' },
      { index, name: "now", input: "{}" },
      { index, name: "roll", input: '{"dice":2}' },
    );
    expect(told(calls)).toEqual([
      ["", "roll", '{"dice":1}'],
      ["", "roll", '{"dice":2}'],
      ["", "now", "{}"],
      ["", "roll", '{"dice":2}'],
    ]);
  }
});

test("[C3] so does another name, and another id with a name", () => {
  const calls = fold(
    { index: 0, name: "now" },
    { index: 0, name: "roll", input: "{}" },
    { index: 0, id: "a", name: "roll", input: "{}" },
    { index: 0, id: "b", name: "roll" },
  );
  expect(told(calls)).toEqual([
    ["", "now", ""],
    ["", "roll", "{}"],
    ["a", "roll", "{}"],
    ["b", "roll", ""],
  ]);
});

test("[C4] whole arguments under the same id stand in place of those before", () => {
  const head = { index: 0, id: "a", name: "f" };
  for (const again of ['{"x":1}', ' {"x":1}\n', "{}", "", "{ }"]) {
    const calls = fold({ ...head, input: '{"x"' }, { index: 0, input: ":1}" }, { ...head, input: again });
    expect(told(calls)).toEqual([["a", "f", '{"x":1}']]);
  }
  expect(told(fold({ ...head, input: '{"x":1}' }, { ...head, input: '{"x":2}' }))).toEqual([["a", "f", '{"x":2}']]);
  // A placeholder that real arguments follow, piece by piece.
  const [call] = fold({ ...head, input: "{}" }, { index: 0, input: '{"x"' }, { index: 0, input: ":1}" });
  expect(call).toMatchObject({ input: '{"x":1}', delta: '{"x":1}' });
  // Two wholes and no word of which is meant are no arguments at all.
  expect(told(fold({ ...head, input: '{"x":1}' }, { index: 0, input: '{"x":2}' }))).toEqual([
    ["a", "f", '{"x":1}{"x":2}'],
  ]);
});

test("[C5] arguments as an object are that object", () => {
  const head = { index: 0, id: "a", name: "f" };
  const x = { x: { y: 1 } };
  expect(told(fold({ ...head, input: x }))).toEqual([["a", "f", x]]);
  expect(told(fold(head, { index: 0, input: x }))).toEqual([["a", "f", x]]);
  expect(told(fold({ ...head, input: {} }, { ...head, input: x }, { ...head, input: {} }))).toEqual([["a", "f", x]]);
  expect(told(fold({ ...head, input: x }, { ...head, input: '{"x":{"y":1}}' }))).toEqual([["a", "f", x]]);
  expect(told(fold({ ...head, input: {} }, { ...head, input: '{"x":' }, { index: 0, input: "2}" }))).toEqual([
    ["a", "f", '{"x":2}'],
  ]);
});

test("the free text of a custom tool only grows", () => {
  const calls = fold(
    { index: 0, id: "a", name: "run", input: "{ one }", free: true },
    { index: 0, input: "\n{ two }", free: true },
    { index: 0, id: "a", input: "{ one }", free: true },
  );
  expect(told(calls)).toEqual([["a", "run", "{ one }\n{ two }{ one }"]]);
});

test("what was received is not looked at again with every fragment", () => {
  const pieces = Array.from({ length: 40_000 }, () => ({ index: 1, input: '"}' }));
  const start = performance.now();
  fold({ index: 0, id: "a", name: "f", input: '{"x":"' }, ...pieces);
  // Looking at all of it each time is a billion and a half characters.
  expect(performance.now() - start).toBeLessThan(2_000);
});

describe("any interleaving of correct calls", () => {
  interface Made {
    readonly id: string;
    readonly name: string;
    readonly args: string;
    readonly pieces: readonly string[];
  }

  // Names repeat, ids do not; arguments have what is easily mistaken: braces, quotes, escapes, nothing at all.
  const value = fc.oneof(fc.string(), fc.constantFrom("{", "}", '"}', "\\", '{"a":1}'), fc.jsonValue({ maxDepth: 2 }));
  const made = (hasIds: boolean) =>
    fc
      .array(
        fc.record({
          name: fc.constantFrom("pay", "log"),
          args: fc.dictionary(fc.string({ maxLength: 3 }), value, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
          cuts: fc.array(fc.nat(), { maxLength: 5 }),
        }),
        { minLength: 1, maxLength: 4 },
      )
      .map((calls) =>
        calls.map(({ name, args, cuts }, at): Made => {
          const text = JSON.stringify(args);
          const ends = [...new Set(cuts.map((cut) => cut % text.length))].sort((a, b) => a - b);
          const pieces = [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end));
          return { id: hasIds ? `call_${at}` : "", name, args: text, pieces };
        }),
      );

  /** The fragments of all calls, mixed; those of one call keep their order, and heads that of the calls. */
  const mixed = (lists: readonly (readonly Given[])[], order: readonly number[]): Given[] => {
    const rest = lists.map((list) => [...list]);
    const heads = rest.flatMap((list) => list.splice(0, 1));
    const tails: Given[] = [];
    for (let turn = 0; rest.some((list) => list.length > 0); turn++) {
      const open = rest.filter((list) => list.length > 0);
      tails.push(...(open[(order[turn % order.length] ?? 0) % open.length] ?? []).splice(0, 1));
    }
    return [...heads, ...tails];
  };

  /** How services write the pieces of a call: `at` is its place, `piece` the piece's. */
  type Shape = (call: Made, at: number, input: string, piece: number) => Given;
  const first = (piece: number, given: Given) => (piece === 0 ? given : {});
  const shapes: readonly { title: string; shape: Shape; mixes: boolean; ids: boolean; repeats?: true }[] = [
    {
      title: "id and name in the head, the index always",
      shape: ({ id, name }, index, input, piece) => ({ index, input, ...first(piece, { id, name }) }),
      mixes: true,
      ids: true,
    },
    {
      title: "id, name and index always, whole again at the end",
      shape: ({ id, name }, index, input) => ({ index, id, name, input }),
      mixes: true,
      ids: true,
      repeats: true,
    },
    {
      title: "id always, the index of no use",
      shape: ({ id, name }, _, input, piece) => ({ index: 0, id, input, ...first(piece, { name }) }),
      mixes: true,
      ids: true,
      repeats: true,
    },
    {
      title: "id always, no index",
      shape: ({ id, name }, _, input, piece) => ({ id, input, ...first(piece, { name }) }),
      mixes: true,
      ids: true,
    },
    {
      title: "no ids, the index always",
      shape: ({ name }, index, input, piece) => ({ index, input, ...first(piece, { name }) }),
      mixes: true,
      ids: false,
    },
    {
      title: "no ids, one index for all",
      shape: ({ name }, _, input, piece) => ({ index: 0, input, ...first(piece, { name }) }),
      mixes: false,
      ids: false,
    },
    {
      title: "id in the head, tails under an index of their own",
      shape: ({ id, name }, at, input, piece) => ({
        index: 2 * at + Math.min(piece, 1),
        input,
        ...first(piece, { id, name }),
      }),
      mixes: false,
      ids: true,
    },
    {
      title: "id in the head, no index",
      shape: ({ id, name }, _, input, piece) => ({ input, ...first(piece, { id, name }) }),
      mixes: false,
      ids: true,
    },
    {
      title: "an index that counts fragments, the id always",
      shape: ({ id, name }, at, input, piece) => ({ index: 10 * at + piece, id, name, input }),
      mixes: true,
      ids: true,
      repeats: true,
    },
  ];

  test.each(shapes)("gives the same calls: $title", ({ shape, mixes, ids, repeats }) => {
    fc.assert(
      fc.property(made(ids), fc.array(fc.nat(), { minLength: 1 }), fc.boolean(), (calls, order, again) => {
        const lists = calls.map((call, at) => call.pieces.map((input, piece) => shape(call, at, input, piece)));
        const fragments = mixes ? mixed(lists, order) : lists.flat();
        const summary =
          repeats && again ? calls.map(({ id, name, args }) => ({ index: 0, id, name, input: args })) : [];
        expect(told(fold(...fragments, ...summary))).toEqual(calls.map(({ id, name, args }) => [id, name, args]));
      }),
      { numRuns: 300 },
    );
  });
});
