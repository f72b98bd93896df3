import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";

// The root names every provider, so that one can be chosen when the program runs; whoever takes only a part of it is not
// to pay for the rest.
test("a bundle of one name of the root holds no provider", async () => {
  const input = fileURLToPath(new URL("./messages-only.ts", import.meta.url));
  const bundle = await rolldown({
    input,
    platform: "node",
    external: (id) => !id.startsWith(".") && !id.startsWith("/"),
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  expect(output).toHaveLength(1);
  expect(output[0].moduleIds.filter((id) => id.includes("/providers/"))).toEqual([]);
  expect(output[0].dynamicImports).toEqual([]);
  expect(output[0].code.length).toBeLessThan(20_000);
});
