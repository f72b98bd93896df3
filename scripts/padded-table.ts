/** A table of Markdown, its columns padded as the formatter wants them. */
export function padded(head: readonly string[], cells: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((row) => row[column]?.length ?? 0), 3));
  const line = (row: readonly string[], fill: string) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(" | ")} |`;
  return [
    line(head, " "),
    line(
      head.map(() => "-"),
      "-",
    ),
    ...cells.map((row) => line(row, " ")),
  ].join("\n");
}
