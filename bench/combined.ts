import { median } from "./measure.ts";
import type { Table } from "./report.ts";

/** The same tables of several processes as one: of each figure the median. */
export function combined(runs: readonly (readonly Table[])[]): Table[] {
  const [first = []] = runs;
  return first.map((table, index) => {
    const all = runs.flatMap((tables) => tables[index] ?? []);
    const middle = (figure: (one: Table) => unknown) => median(all.map((one) => Number(figure(one))));
    const rows = table.rows.map((row, at) =>
      row.map((cell, column) => (typeof cell === "number" ? middle(({ rows }) => rows[at]?.[column]) : cell)),
    );
    if (table.summary === undefined) return { ...table, rows };
    const { row, values } = table.summary;
    const names = Object.keys(values);
    const medians = names.map((name) => [name, middle(({ summary }) => summary?.values[name])]);
    return { ...table, rows, summary: { row, values: Object.fromEntries(medians) } };
  });
}
