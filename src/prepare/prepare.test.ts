import { describe, expect, test } from "vitest";
import { openai } from "../providers/openai/index.ts";

describe("[F6] an argument nested 20,000 deep", () => {
  const nest = (wrap: (inner: unknown) => unknown) => {
    let deep: unknown = { text: "end" };
    for (let level = 0; level < 20_000; level++) deep = wrap(deep);
    return deep;
  };

  test.each([
    ["lists", (inner: unknown) => [inner]],
    ["objects", (inner: unknown) => ({ inner })],
    ["both", (inner: unknown) => ({ list: [inner] })],
  ])("of %s, hurts nobody who does not read it", async (_, wrap) => {
    const deep = nest(wrap);
    const call = openai.call("m", (name: string, _context: unknown) => `Hi ${name}`);
    const prepared = await call.prepare("Ann", deep);
    expect(prepared.messages).toEqual([{ role: "user", content: "Hi Ann" }]);
    expect(prepared.fnArgs[0]).toBe("Ann");
    expect(prepared.fnArgs[1] === deep).toBe(false);
    // It has no form in JSON, and is left out of the record.
    expect(JSON.parse(JSON.stringify(prepared))).toMatchObject({ fnArgs: ["Ann", null] });
  });
});

test("arguments are copied as they were, circles and shared parts included", async () => {
  const shared = { n: 1 };
  const when = new Date(0);
  const given: Record<string, unknown> = { list: [shared, shared], when, none: undefined };
  given.self = given;
  Object.defineProperty(given, "__proto__", { value: { polluted: 1 }, enumerable: true });
  const { fnArgs } = await openai.call("m", (_: unknown) => "Hi").prepare(given);
  shared.n = 2;
  const [copy] = fnArgs as [{ list: [{ n: number }, { n: number }]; self: unknown; when: Date; none: undefined }];
  expect(copy.list.map(({ n }) => n)).toEqual([1, 1]);
  expect([copy.list[0] === copy.list[1], copy.self === copy, copy.when === when]).toEqual([true, true, true]);
  expect(Object.keys(copy)).toEqual(["list", "when", "none", "self", "__proto__"]);
  expect([Object.getPrototypeOf(copy) === Object.prototype, ({} as { polluted?: 1 }).polluted]).toEqual([
    true,
    undefined,
  ]);
});
