import { expect, test } from "vitest";
import { jsonEqual } from "../../src/schema/json-schema.ts";
import { stepsOf } from "./steps.ts";

test("stepsOf counts what our code does, the same each time, and nothing else", () => {
  const list = Array.from({ length: 1_000 }, (_, index) => index);
  const compare = (count: number) => () => void jsonEqual(list.slice(0, count), list.slice(0, count));
  const steps = stepsOf(compare(1_000));
  expect(stepsOf(compare(1_000))).toBe(steps);
  expect(steps).toBeGreaterThan(1_000);
  expect(steps / stepsOf(compare(100))).toBeCloseTo(10, 0);
  expect(stepsOf(() => list.map((item) => item + 1))).toBe(0);
  const quadratic = (count: number) => () => {
    for (let times = 0; times < count; times++) compare(count)();
  };
  expect(stepsOf(quadratic(100)) / stepsOf(quadratic(10))).toBeGreaterThan(50);
});
