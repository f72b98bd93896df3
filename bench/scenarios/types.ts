import { type FixtureParts, measureTypes } from "../../test/types/budget-fixture.ts";
import { median } from "../measure.ts";
import type { Table } from "../report.ts";

const calls = 100;
const parts: readonly FixtureParts[] = ["imports", "schemas", "calls"];
const names = {
  imports: "the imports",
  schemas: "and the schemas, without calls",
  calls: `and ${calls} calls with tools`,
};

/** What the compiler does with a program of 100 calls. */
export async function types(): Promise<Table[]> {
  const rows = parts.map((part) => {
    const runs = [0, 1, 2].map(() => measureTypes(part, calls));
    const { instantiations = 0, types: made = 0, memory = 0 } = runs[0] ?? {};
    return [names[part], instantiations, made, median(runs.map(({ seconds }) => seconds * 1000)), memory / 1024];
  });
  const columns = ["program", "instantiations", "types", "check ms", "memory MB"];
  return [{ title: `Types: ${calls} calls with tools and schemas, TypeScript, one checker`, columns, rows }];
}
