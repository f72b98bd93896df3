import { type Entry, entriesOf, type FileRules, folderAt, isAllowed, readText } from "./file-work.ts";
import { ToolFailure } from "./tool-failure.ts";

/** At most so many directories and files are looked at in one search. */
const mostFiles = 10_000;

/**
 * The lines that have a text in them, in whatever case, as `path:line: text`, and the paths that have it. Files that may
 * not be read are passed over, links are not followed. Says where it stopped before the end.
 */
export async function searchFiles(
  rules: FileRules,
  query: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const wanted = query.toLowerCase();
  if (wanted.trim() === "") throw new ToolFailure("refused", "There is nothing to search for: the text is empty.");
  const found: string[] = [];
  let looked = 0;
  for await (const file of filesIn(rules, path)) {
    signal?.throwIfAborted();
    if (found.length >= rules.maxMatches)
      return `${found.join("\n")}\n[There may be more: it stopped after ${found.length}.]`;
    if (++looked > mostFiles) return `${found.join("\n")}\n[It stopped after ${mostFiles} files.]`.trim();
    if (file.path.toLowerCase().includes(wanted)) found.push(file.path);
    if (file.kind !== "file" || file.size > rules.maxBytes || !isAllowed(rules, file.path)) continue;
    const text = await readText(rules, file.path).catch(passOver);
    for (const [index, line] of (text?.split(/\r?\n/) ?? []).entries()) {
      if (found.length >= rules.maxMatches) break;
      if (line.toLowerCase().includes(wanted)) found.push(`${file.path}:${index + 1}: ${around(line, wanted)}`);
    }
  }
  return found.length === 0 ? "Nothing was found." : found.join("\n");
}

/** Everything below a directory, depth first and by name. */
async function* filesIn(rules: FileRules, path: string): AsyncGenerator<Entry & { readonly path: string }> {
  const open = [path];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    await using folder = await folderAt(rules, at);
    const entries = await entriesOf(folder);
    const pathOf = (name: string) => (at === "" || at === "." ? name : `${at?.replace(/\/$/, "")}/${name}`);
    for (const entry of entries) yield { ...entry, path: pathOf(entry.name) };
    const below = entries.filter(({ kind }) => kind === "directory").map(({ name }) => pathOf(name));
    open.push(...below.reverse());
  }
}

function passOver(error: unknown): undefined {
  const isFile = error instanceof ToolFailure || typeof (error as NodeJS.ErrnoException).code === "string";
  if (!isFile) throw error;
}

/** A line as it is, or the part of a long one that has the text. */
function around(line: string, wanted: string): string {
  const trimmed = line.trim();
  if (trimmed.length <= 300) return trimmed;
  const start = Math.max(0, trimmed.toLowerCase().indexOf(wanted) - 100);
  return `${start > 0 ? "…" : ""}${trimmed.slice(start, start + 300).toWellFormed()}…`;
}
