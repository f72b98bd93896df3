import { describe, expect, test } from "vitest";
import { loadHistory, saveHistory } from "./history.ts";

const bytes = new Uint8Array([0, 1, 254, 255]);

function saved(native: object): unknown {
  const message = { role: "assistant", content: "x", native: { provider: "any", message: native } };
  const [loaded] = loadHistory(JSON.parse(JSON.stringify(saveHistory([message]))));
  return loaded?.native?.message;
}

describe("a saved history", () => {
  test("brings bytes back as bytes, whatever held them", () => {
    const held = Buffer.from(bytes);
    expect(saved({ view: bytes, buffer: bytes.buffer, held, list: [bytes] })).toEqual({
      view: bytes,
      buffer: bytes,
      held: bytes,
      list: [bytes],
    });
  });

  test("keeps keys that look like its own mark for bytes", () => {
    const native = { $bytes: "AA==", $$bytes: { $bytes: 1, other: 2 } };
    expect(saved(native)).toEqual(native);
  });

  test("holds everything else as JSON has it", () => {
    const made = new Date("2026-01-02T03:04:05Z");
    const native = { made, url: new URL("https://a.example/"), big: 2n ** 64n, set: new Set([1n]), left: () => 1 };
    expect(saved({ ...native, map: new Map([["bytes", bytes]]), error: new TypeError("broken") })).toEqual({
      made: "2026-01-02T03:04:05.000Z",
      url: "https://a.example/",
      big: "18446744073709551616",
      set: ["1"],
      map: { bytes },
      error: "broken",
    });
  });
});
