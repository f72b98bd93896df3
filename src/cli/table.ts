/** Rows in columns as wide as their widest cell; numbers stand on the right. */
export function tableOf(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => String(row[at] ?? "").length)));
  const line = (row: readonly (string | number)[]) =>
    head
      .map((_, at) => {
        const cell = String(row[at] ?? "");
        return typeof row[at] === "number" ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0);
      })
      .join("  ")
      .trimEnd();
  return `${[head, ...rows].map(line).join("\n")}\n`;
}
