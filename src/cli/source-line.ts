import { readFileSync } from "node:fs";

/** The line of a module at which a call is exported, or a property of its schemas is named below that; 1 where not found. */
export function sourceLine(file: string, exported: string, property?: string): number {
  const lines = read(file);
  const declares = (line: string) =>
    ["const", "let", "var", "function"].some((word) => startsWithWord(line, `export ${word} ${exported}`)) ||
    (exported === "default" && line.startsWith("export default"));
  const at = lines.findIndex(declares);
  const named = property === undefined ? -1 : lines.findIndex((line) => names(line, property));
  return Math.max(0, named >= 0 ? named : at) + 1;
}

function read(file: string): readonly string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch {
    return [];
  }
}

function startsWithWord(line: string, start: string): boolean {
  return line.startsWith(start) && !/[\w$]/.test(line.charAt(start.length));
}

function names(line: string, property: string): boolean {
  const keys = [property, JSON.stringify(property), `'${property}'`];
  return keys.some((key) => {
    const at = line.indexOf(`${key}:`);
    return at >= 0 && !/[\w$"']/.test(line.charAt(at - 1));
  });
}
