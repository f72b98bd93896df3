import { expect, test } from "vitest";
import { estimateInput, estimateTokens } from "./estimate.ts";
import type { Prepared } from "./prepare.ts";

const estimate = (request: object) => estimateInput({ request } as Prepared<never>);

test("a picture counts alike in every form a request can hold it", () => {
  const bytes = new Uint8Array(100_000).fill(7);
  const data = Buffer.from(bytes).toString("base64");
  const forms = [bytes, bytes.buffer, Buffer.from(bytes), data, `data:image/png;base64,${data}`];
  const counts = forms.map((form) => estimate({ image: form }));
  expect(new Set(counts)).toEqual(new Set([801]));
});

test("a request with what JSON lacks is counted all the same", () => {
  expect(estimate({ big: 10n ** 20n, left: () => 1 })).toBe(estimateTokens(`{"big":"${10n ** 20n}"}`));
});
