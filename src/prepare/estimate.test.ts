import { expect, test } from "vitest";
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
