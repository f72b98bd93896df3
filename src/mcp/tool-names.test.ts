import fc from "fast-check";
import { expect, test } from "vitest";
import { providerNames } from "./tool-names.ts";

test("what every provider takes stays as it is; the rest is made so, told apart by a hash", () => {
  expect(providerNames(["get-sum", "echo"], "")).toEqual(["get-sum", "echo"]);
  expect(providerNames(["get-sum"], "all")).toEqual(["all_get-sum"]);
  expect(providerNames(["books.find/by-isbn"], "")).toEqual(["books_find_by-isbn"]);
  const [point, line] = providerNames(["a.b", "a_b"], "");
  expect(point).toMatch(/^a_b_[0-9a-f]{8}$/);
  expect(line).toMatch(/^a_b_[0-9a-f]{8}$/);
  expect(point).not.toBe(line);
  const [long] = providerNames(["x".repeat(128)], "p");
  expect(long).toMatch(/^p_x{53}_[0-9a-f]{8}$/);
  expect(providerNames(["b", "x".repeat(128)], "p")[1]).toBe(long);
  expect(providerNames([""], "")[0]).toMatch(/^_[0-9a-f]{8}$/);
});

test("any names become as many names that a provider takes", () => {
  const names = fc.uniqueArray(fc.string({ unit: fc.constantFrom(..."ab._/é-"), maxLength: 80 }), { maxLength: 12 });
  fc.assert(
    fc.property(names, (given) => {
      const made = providerNames(given, "s");
      expect(new Set(made).size).toBe(given.length);
      for (const name of made) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    }),
  );
});
