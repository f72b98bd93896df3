import { expect, test } from "vitest";
import { faultsOf, soakLayers } from "../support/layer-soak.ts";

// A tenth of `npm run soak -- layers`.
test("5,000 calls and 200 streams through retry, limit, budget and cache keep their books", {
  timeout: 120_000,
}, async () => {
  const figures = await soakLayers(5_000, 200, 7);
  expect(faultsOf(figures, 5_200), JSON.stringify(figures)).toEqual([]);
  expect(figures.cached).toBeGreaterThan(100);
  expect(figures.failed).toBeGreaterThan(50);
});
