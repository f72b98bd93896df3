import { expect, test } from "vitest";
import { printable, shownOn } from "./printable.ts";

test.each([
  ["\u001b[31mred\u001b[0m", "␛[31mred␛[0m"],
  ["a\u0007b\u0008c", "a␇b␈c"],
  ["one\r\ntwo\tthree\n", "one\ntwo\tthree\n"],
  ["over\rwritten", "over␍written"],
  ["\u009b31m\u007f", "�31m␡"],
  ["Größe 文字 🙂", "Größe 文字 🙂"],
])("what would control a terminal is shown: %j", (text, shown) => {
  expect(printable(text)).toBe(shown);
  // Cut anywhere, as a stream is, it is the same.
  expect(Array.from(text.replaceAll("\r\n", "\n"), printable).join("")).toBe(shown);
  expect(shownOn({ isTTY: true }, text)).toBe(shown);
  expect(shownOn({}, text)).toBe(text);
});
