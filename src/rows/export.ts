import { ConfigError } from "../errors/errors.ts";
import { builtin } from "./builtin.ts";
import type { JournalFile } from "./journal-file.ts";

type Cell = string | number | null;

const columns = ["run", "key", "ordinal", "status", "value", "args", "error", "cost", "input_tokens", "output_tokens"];
const more = ["requests", "tag", "ended"];
const json: ReadonlySet<string> = new Set(["value", "args", "error"]);

// Bytes that are written at once.
const chunk = 1 << 16;

/** Writes rows to a file, in the order in which they ended, and gives how many. The file appears when it is whole. */
export function exportTo(path: string, file: JournalFile, where: string, values: readonly Cell[]): number {
  const line = /\.csv$/i.test(path) ? csvLine : /\.jsonl$/i.test(path) ? jsonLine : undefined;
  if (line === undefined)
    throw new ConfigError(`Rows are exported to a file whose name ends in .jsonl or .csv; not ${path}.`);
  const fs = builtin("node:fs");
  const names = [...columns, ...more];
  const shown = names.map((name) => columnOf(name)).join(", ");
  const sql = `SELECT ${shown} FROM rows JOIN runs ON runs.id = rows.run LEFT JOIN answers ON answers.row = rows.id ${where} ORDER BY rows.id`;
  const temporary = `${path}.${crypto.randomUUID()}.part`;
  const to = fs.openSync(temporary, "wx");
  let count = 0;
  try {
    let text = line === csvLine ? `${names.join(",")}\r\n` : "";
    const rows = file.guard(() => file.statement(sql).iterate(...values)) as unknown as Iterable<Record<string, Cell>>;
    for (const row of rows) {
      text += line(names, row);
      count++;
      if (text.length < chunk) continue;
      fs.writeFileSync(to, text);
      text = "";
    }
    fs.writeFileSync(to, text);
    fs.closeSync(to);
    fs.renameSync(temporary, path);
    return count;
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

function columnOf(name: string): string {
  if (name === "run") return "runs.name AS run";
  if (name === "ended") return "strftime('%Y-%m-%dT%H:%M:%fZ', rows.ended / 1000.0, 'unixepoch') AS ended";
  return `${name === "value" || name === "args" ? "answers" : "rows"}.${name}`;
}

/** One object: what is JSON in the journal stands in it as it is. */
function jsonLine(names: readonly string[], row: Record<string, Cell>): string {
  const parts = names.flatMap((name) => {
    const cell = row[name] ?? null;
    if (cell === null) return [];
    return [`${JSON.stringify(name)}:${json.has(name) ? cell : JSON.stringify(cell)}`];
  });
  return `{${parts.join(",")}}\n`;
}

/** One record, as RFC 4180 has it; a value that is a text stands as that text, any other as JSON. */
function csvLine(names: readonly string[], row: Record<string, Cell>): string {
  const cells = names.map((name) => {
    const cell = row[name] ?? "";
    const text = name === "value" && String(cell).startsWith('"') ? String(JSON.parse(String(cell))) : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(",")}\r\n`;
}
