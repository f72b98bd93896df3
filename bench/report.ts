import type { Figures } from "./measure.ts";

/** One table of figures: what is printed, and what is written to `results/`. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | undefined)[])[];
  /** What the figures cannot say. */
  readonly notes?: readonly string[];
  /** Its row of the table over all scenarios. */
  readonly summary?: Summary;
  /** What is drawn of it. */
  readonly plot?: Plot;
}

/** A row of the table over all scenarios. */
export interface Summary {
  readonly row: string;
  /** By contender: the ratio to the SDK, or what else the row is in. */
  readonly values: Readonly<Record<string, number>>;
}

/** Lines over one axis. */
export interface Plot {
  /** The name of the file, without its end. */
  readonly file: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
}

/** One line of a plot. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Contenders side by side; `unit` is what one figure stands for: a call, an event. */
export function compared(
  title: string,
  unit: string,
  rows: readonly Figures[],
  { row, notes = [] }: { readonly row?: string; readonly notes?: readonly string[] } = {},
): Table {
  return {
    title,
    columns: ["contender", `CPU µs/${unit}`, "x", `added µs/${unit}`, `wall µs/${unit}`, "rounds"],
    rows: rows.map(({ name, cpu, ratio, added, wall, rounds }) => [name, cpu, ratio, added, wall, rounds]),
    notes,
    ...(row === undefined
      ? {}
      : { summary: { row, values: Object.fromEntries(rows.map(({ name, ratio }) => [name, ratio])) } }),
  };
}

/** The table as aligned Markdown. */
export function toText({ title, columns, rows, notes = [] }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map(cell))];
  const widths = columns.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  return [`### ${title}`, "", line(head), rule, ...body.map(line), "", ...notes.map((note) => `${note}\n`)].join("\n");
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  const size = Math.abs(value);
  const digits = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
