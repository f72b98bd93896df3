import fc from "fast-check";
import { expect, test } from "vitest";
import { EventScanner } from "./event-stream.ts";

type Found = readonly [event: string | null, data: string];

function scan(pieces: readonly Uint8Array[], dispatch = true): Found[] {
  const scanner = new EventScanner();
  const found: Found[] = [];
  for (const piece of pieces) {
    scanner.push(piece);
    while (scanner.next()) found.push([scanner.event, scanner.data]);
    expect(scanner.next()).toBe(false);
  }
  if (scanner.end(dispatch)) found.push([scanner.event, scanner.data]);
  return found;
}

const bytes = (text: string) => new TextEncoder().encode(text);

test.each<[string, string, readonly Found[]]>([
  ["a line of data", "data: a\n\n", [[null, "a"]]],
  [
    "a name",
    "event: x\ndata: a\n\ndata: b\n\n",
    [
      ["x", "a"],
      [null, "b"],
    ],
  ],
  ["several lines", "data: a\ndata:b\ndata\ndata:  c\n\n", [[null, "a\nb\n\n c"]]],
  [
    "CR LF",
    "event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n",
    [
      ["x", "a"],
      [null, "b"],
    ],
  ],
  [
    "CR",
    "data: a\r\rdata: b\r\r",
    [
      [null, "a"],
      [null, "b"],
    ],
  ],
  [
    "ends of lines that differ",
    "data: a\n\r\ndata: b\r\n\ndata: c\r\r\n",
    [
      [null, "a"],
      [null, "b"],
      [null, "c"],
    ],
  ],
  ["comments and other fields", ": hi\nid: 1\nretry: 2\nnonsense\ndata: a\n\n: bye\n\n", [[null, "a"]]],
  ["a mark", "\uFEFFdata: a\n\n", [[null, "a"]]],
  ["a name alone, and none", "event: x\n\nevent:\n\n\n\n", [["x", ""]]],
  ["an empty name", "event:\ndata: a\n\n", [["", "a"]]],
])("%s", (_, text, events) => {
  expect(scan([bytes(text)])).toEqual(events);
  expect(scan([...bytes(text)].map((byte) => Uint8Array.of(byte)))).toEqual(events);
});

test("an event without its empty line counts where it is asked for", () => {
  expect(scan([bytes("data: a\n\ndata: b")], true)).toEqual([
    [null, "a"],
    [null, "b"],
  ]);
  expect(scan([bytes("data: a\n\ndata: b\n")], false)).toEqual([[null, "a"]]);
});

test("more may be pushed before all was read", () => {
  const scanner = new EventScanner();
  for (const text of ["data: a\r\n\r\nda", "ta: b\r\n\r", "\ndata: c\r\n\r\n"]) scanner.push(bytes(text));
  const found: string[] = [];
  while (scanner.next()) found.push(scanner.data);
  expect(found).toEqual(["a", "b", "c"]);
});

test("the pieces make no difference", () => {
  const part = fc.constantFrom(
    "data: ",
    "data:",
    "event: e",
    "é",
    "👋",
    "\uFEFF",
    "x",
    ":",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
  );
  const input = fc.tuple(fc.array(part, { maxLength: 40 }), fc.array(fc.nat({ max: 9 }), { minLength: 1 }));
  fc.assert(
    fc.property(input, ([parts, sizes]) => {
      const whole = bytes(parts.join(""));
      const pieces: Uint8Array[] = [];
      for (let start = 0, index = 0; start < whole.length; index++) {
        const size = (sizes[index % sizes.length] ?? 0) || index % 2;
        pieces.push(whole.subarray(start, start + size));
        start += size;
      }
      expect(scan(pieces)).toEqual(scan([whole]));
    }),
    { numRuns: 2000 },
  );
});

test("a long line in many pieces is put together once", () => {
  const scanner = new EventScanner();
  scanner.push(bytes("data: "));
  // Searched or copied anew with each piece this would be 10¹² bytes.
  const piece = bytes("x".repeat(10));
  for (let count = 0; count < 1_000_000; count++) {
    scanner.push(piece);
    if (scanner.next()) throw new Error("Nothing has ended.");
  }
  scanner.push(bytes("\n\n"));
  expect(scanner.next()).toBe(true);
  expect(scanner.data).toHaveLength(10_000_000);
});
