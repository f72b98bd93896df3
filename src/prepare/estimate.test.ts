import { expect, test } from "vitest";
import type { ResultContent } from "../message/parts.ts";
import { estimateInput } from "./estimate.ts";

// A message of a provider's own form.
const estimate = (native: object) =>
  estimateInput({ messages: [native], tools: [], output: undefined, callParams: {} }, {});

test("a picture counts alike in every form a request can hold it", () => {
  const bytes = new Uint8Array(100_000).fill(7);
  const data = Buffer.from(bytes).toString("base64");
  const forms = [bytes, bytes.buffer, Buffer.from(bytes), data, `data:image/png;base64,${data}`];
  const counts = forms.map((form) => estimate({ image: form }));
  expect(new Set(counts)).toEqual(new Set([804]));
});

test("what JSON lacks is no text, and no error", () => {
  expect(estimate({ big: 10n ** 20n, left: () => 1 })).toBe(4);
});

test("a result of a tool counts its texts and its media", () => {
  const result = (content: ResultContent) => {
    const messages = [{ role: "tool", content: [{ type: "tool_result", id: "1", name: "look", content }] }] as const;
    return estimateInput({ messages, tools: [], output: undefined, callParams: {} }, {});
  };
  const picture = { type: "image", data: "AAAA".repeat(10_000), mediaType: "image/png" } as const;
  expect(result([picture, { type: "text", text: "A cat." }])).toBe(result("A cat.") + 800);
});
