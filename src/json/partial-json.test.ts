import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PartialJson } from "./partial-json.ts";

function read(chunks: readonly string[], options = {}): { values: unknown[]; parser: PartialJson } {
  const parser = new PartialJson(options);
  const values: unknown[] = [];
  for (const chunk of chunks) if (parser.push(chunk)) values.push(parser.value);
  return { values, parser };
}

// checklist: 140
describe("PartialJson", () => {
  it("shows strings as they grow and the rest when whole", () => {
    const { values, parser } = read(['{"na', 'me":', '"A', 'b","n":-1', "2", ',"t":tr', "ue", ',"l":[', "1,", "]}"]);
    expect(values).toEqual([
      {},
      { name: "A" },
      { name: "Ab" },
      { name: "Ab", n: -12 },
      { name: "Ab", n: -12, t: true, l: [] },
      { name: "Ab", n: -12, t: true, l: [1] },
    ]);
    expect([parser.complete, [...parser.leniencies]]).toEqual([true, ["trailing_comma"]]);
  });

  it("reads escapes and pairs cut anywhere, and shows no half pair", () => {
    const text = '{"a":"\\u00e9\\n\\ud83d\\ude00😀\\ud83d"}';
    const { values, parser } = read([...text.split("")]);
    expect(parser.value).toEqual(JSON.parse(text));
    for (const value of values.slice(0, -1)) {
      const shown = (value as { a?: string }).a ?? "";
      expect(shown.isWellFormed()).toBe(true);
    }
  });

  it("shares what did not change and leaves old snapshots alone", () => {
    const { values, parser } = read(['{"done":{"a":[1]},"open":[{"b":"x', 'y"},{', '"c":1']);
    const [first, second] = values as { done: object; open: object[] }[];
    expect(first).toEqual({ done: { a: [1] }, open: [{ b: "x" }] });
    expect(second).toEqual({ done: { a: [1] }, open: [{ b: "xy" }, {}] });
    expect(second?.done).toBe(first?.done);
    const before = parser.value as typeof second;
    expect(parser.push("}]")).toBe(true);
    expect(parser.push(" ")).toBe(false);
    expect((parser.value as typeof second)?.open[0]).toBe(before?.open[0]);
    expect(parser.value).toBe(parser.value);
  });

  it("passes over prose, marks and fences, also cut into pieces, and ignores what follows", () => {
    const text = '\uFEFFSure, [see] {this}:\n```json\n{"a":1}\n``` {"b":2}';
    for (const chunks of [[text], text.split("")]) {
      const { values, parser } = read(chunks);
      expect(values.at(-1)).toEqual({ a: 1 });
      expect(parser.complete).toBe(true);
      expect(text.slice(parser.range.start, parser.range.end)).toBe('{"a":1}');
    }
  });

  it("drops a root that turns out broken and takes the next", () => {
    const { parser } = read(['Format: {"a": <nu', 'mber "}"> } ', '{"a":', "1}"]);
    expect(parser.value).toEqual({ a: 1 });
    const broken = read(['{"a":1,"b":', "None}"]).parser;
    expect(() => broken.end()).toThrow("no whole JSON");
    expect(broken.value).toEqual({ a: 1 });
  });

  it("looks for the wanted root", () => {
    const object = read(['[1] {"a":', "1}"], { root: "object" });
    expect(object.values).toEqual([{}, { a: 1 }]);
    const { values, parser } = read(["[{}]", " end"], { root: "object" });
    expect(values).toEqual([]);
    parser.end();
    expect(parser.value).toEqual([{}]);
  });

  it("throws at an early end and keeps the value", () => {
    const { parser } = read(['{"a":[1,{"b":"c']);
    expect(() => parser.end()).toThrow(/not finished after 15/);
    expect(parser.value).toEqual({ a: [1, { b: "c" }] });
    expect(() => new PartialJson().end()).toThrow("no whole JSON");
  });

  it("counts whole elements of the root or of one key", () => {
    const counts = (text: string, options = {}) => {
      const parser = new PartialJson(options);
      return text.split("").map((letter) => {
        parser.push(letter);
        return parser.completedItems;
      });
    };
    expect(counts('[{"a":[1]},2]')).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2]);
    expect(counts('{"x":[1],"v":["",[3]]}', { itemsAt: "v" }).join("")).toBe("0000000000000001111222");
  });

  it("keeps __proto__ an ordinary key, in snapshots too", () => {
    const { values } = read(['{"__proto__":{"x', '":1', ',"y":2', "}}"]);
    for (const value of values) {
      expect(Object.keys(value as object)).toEqual(["__proto__"]);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    }
  });

  it("refuses absurd depth without paying for it", () => {
    const { parser } = read(Array(3_000).fill("[[[[[[[[[["));
    expect(parser.complete).toBe(false);
    const { values } = read(`{"a":${"[".repeat(990)}1${"]".repeat(990)}}`.split(""));
    expect(values.at(-1)).toBeDefined();
  });

  it("costs the same for each chunk, however long the document", () => {
    const books = (count: number) =>
      Array.from({ length: count }, (_, id) => ({ id, name: `Book ${id}`, tags: ["a", "b"] }));
    const keys = (count: number) => Object.fromEntries(books(count).map((book) => [book.name, book]));
    for (const make of [books, keys]) {
      const time = (count: number) => {
        const chunks = JSON.stringify(make(count)).match(/.{1,16}/g) ?? [];
        const start = performance.now();
        const { values } = read(chunks);
        const spent = performance.now() - start;
        expect(JSON.stringify(values.at(-1))).toBe(chunks.join(""));
        return spent / count;
      };
      time(2000);
      const small = time(4000);
      expect(time(32_000)).toBeLessThan(small * 4 + 0.01);
    }
  });

  it("never contradicts the whole document, wherever it is cut", () => {
    fc.assert(
      fc.property(
        document,
        fc.array(fc.nat(12), { minLength: 1 }),
        fc.boolean(),
        fc.boolean(),
        (value, sizes, pretty, ascii) => {
          const json = JSON.stringify([value], null, pretty ? 2 : 0);
          const text = ascii ? escaped(json) : json;
          const whole: unknown = JSON.parse(text);
          const chunks = cut(text, sizes);
          const parser = new PartialJson();
          const kept: { value: unknown; copy: string }[] = [];
          for (const chunk of chunks) {
            const before = kept.at(-1)?.value;
            const changed = parser.push(chunk);
            if (!changed) expect(parser.value).toEqual(before);
            expectPrefix(parser.value, whole);
            kept.push({ value: parser.value, copy: JSON.stringify(parser.value) });
          }
          parser.end();
          expect(parser.complete).toBe(true);
          expect(JSON.stringify(parser.value)).toBe(JSON.stringify(whole));
          for (const { value: old, copy } of kept) expect(JSON.stringify(old)).toBe(copy);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("never throws on any text", () => {
    const pieces = fc.array(fc.constantFrom(...'{}[]",:\\ue1-.tfn `\n😀', '"a":', "null", "true"));
    fc.assert(
      fc.property(pieces, (chunks) => {
        const whole = read([chunks.join("")]).parser;
        const parts = read(chunks).parser;
        expect(parts.value).toEqual(whole.value);
        expect(parts.complete).toBe(whole.complete);
      }),
      { numRuns: 2000 },
    );
  });
});

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "constructor", '"\\', "😀"),
);
const { document } = fc.letrec<{ document: unknown }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.constantFrom(true, false, null, 1e21, -5e-7),
    fc.array(tie("document"), { maxLength: 5 }),
    fc.array(fc.tuple(text, tie("document")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

/** Writes what is not ASCII as JSON escapes, so that cuts fall into those. */
function escaped(json: string): string {
  return json.replaceAll(/[^\x20-\x7e\n]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function cut(json: string, sizes: readonly number[]): string[] {
  const chunks: string[] = [];
  let index = 0;
  for (let turn = 0; index < json.length; turn++) {
    const size = sizes[turn % sizes.length]! + (turn % sizes.length === 0 ? 1 : 0);
    chunks.push(json.slice(index, index + size));
    index += size;
  }
  return chunks;
}

function expectPrefix(part: unknown, whole: unknown): void {
  if (part === undefined) return;
  if (typeof part === "string" && typeof whole === "string") {
    expect(whole.startsWith(part)).toBe(true);
    return;
  }
  if (typeof part !== "object" || part === null) {
    expect(part).toBe(whole);
    return;
  }
  expect(Array.isArray(part)).toBe(Array.isArray(whole));
  for (const [key, child] of Object.entries(part)) {
    expect(Object.hasOwn(whole as object, key)).toBe(true);
    expectPrefix(child, Reflect.get(whole as object, key));
  }
}
