import { expect, test } from "vitest";
import { measureTypes } from "./budget-fixture.ts";

// Measured 0, and 15 % above. `bench/README.md` has the times.
const budget = 0;

test("a program of 100 calls with tools and schemas stays within its type instantiations", () => {
  const empty = measureTypes("imports", 100);
  const { instantiations } = measureTypes("calls", 100);
  // Otherwise nothing was checked.
  expect(instantiations).toBeGreaterThan(empty.instantiations);
  expect(instantiations).toBeLessThanOrEqual(budget);
});
