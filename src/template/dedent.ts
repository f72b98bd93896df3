import { PromptError } from "../errors/errors.ts";
import { toText } from "./value-text.ts";

/**
 * Removes the indentation that all lines of the text have in common, and its first and last line where they are blank.
 * Lines of spaces and tabs alone become empty and do not count; a first line right behind the backtick counts as not
 * indented, so the text should begin on the next line. `\r\n` becomes `\n`.
 *
 * As a tag (`` dedent`…${value}…` ``) it looks at the written text only: values are inserted as they are, by the text
 * forms of string templates (`null` and `undefined` empty, objects as JSON), and an escaped `\n` begins no line. Throws
 * `PromptError` for a value without a text form and for an invalid escape.
 */
export function dedent(text: string): string;
export function dedent(strings: TemplateStringsArray, ...values: unknown[]): string;
export function dedent(strings: TemplateStringsArray | string, ...values: unknown[]): string {
  if (typeof strings === "string") return dedentPieces([strings.replaceAll("\r\n", "\n").split("\n")])[0] ?? "";
  const texts = dedentPieces(strings.raw.map((raw, index) => writtenLines(raw, strings[index])));
  return texts.reduce((text, next, index) => text + toText(values[index - 1], `Value ${index} of \`dedent\``) + next);
}

/**
 * The lines without the indentation that the non-blank ones have in common; blank lines (spaces and tabs) become empty.
 * The indentation is compared as text: a tab is not some number of spaces.
 */
export function removeIndent(lines: readonly string[]): string[] {
  const filled = lines.map((line) => (isBlank(line) ? "" : line));
  const common = commonIndent(filled);
  return common === 0 ? filled : filled.map((line) => line.slice(common));
}

/** The length of the spaces and tabs a line begins with. */
export function indentOf(line: string): number {
  let length = 0;
  while (line[length] === " " || line[length] === "\t") length += 1;
  return length;
}

function isBlank(line: string): boolean {
  return indentOf(line) === line.length;
}

// Empty lines do not count.
function commonIndent(lines: readonly string[]): number {
  let model: string | undefined;
  let common = 0;
  for (const line of lines) {
    if (line === "") continue;
    if (model === undefined) {
      model = line;
      common = indentOf(line);
    }
    let same = 0;
    while (same < common && line[same] === model[same]) same += 1;
    common = same;
    if (common === 0) return 0;
  }
  return common;
}

// Each piece is the text between two values, in lines; only its first line goes on with the line before the value.
function dedentPieces(pieces: readonly (readonly string[])[]): string[] {
  const last = pieces.length - 1;
  const indents: string[] = [];
  const emptied = pieces.map((lines, piece) =>
    lines.map((line, at) => {
      if (piece > 0 && at === 0) return line;
      const whole = piece === last || at < lines.length - 1;
      if (whole && isBlank(line)) return "";
      // What follows the last line break before a value counts even if it is empty.
      indents.push(whole ? line : `${line}-`);
      return line;
    }),
  );
  const common = commonIndent(indents);
  const dedented = emptied.map((lines, piece) =>
    lines.map((line, at) => (piece > 0 && at === 0 ? line : line.slice(common))),
  );
  const head = dedented[0];
  if (head !== undefined && head.length > 1 && head[0] === "") head.shift();
  const tail = dedented[last];
  if (tail !== undefined && tail.length > 1 && tail.at(-1) === "") tail.pop();
  return dedented.map((lines) => lines.join("\n"));
}

// Splits at the line breaks of the source, so not at escaped ones: walks the raw text beside the text it stands for.
function writtenLines(raw: string, text: string | undefined): string[] {
  if (text === undefined) throw new PromptError("The text of `dedent` holds an invalid escape sequence.");
  if (!raw.includes("\\")) return text.split("\n");
  const lines: string[] = [];
  let start = 0;
  let at = 0;
  for (let index = 0; index < raw.length; ) {
    if (raw[index] === "\\") {
      const [length, units] = escapeAt(raw, index);
      index += length;
      at += units;
      continue;
    }
    if (raw[index] === "\n") {
      lines.push(text.slice(start, at));
      start = at + 1;
    }
    index += 1;
    at += 1;
  }
  return [...lines, text.slice(start)];
}

// How long an escape sequence is in the source, and how many units of text it stands for.
function escapeAt(raw: string, index: number): readonly [length: number, units: number] {
  const kind = raw[index + 1];
  if (kind === "\n") return [2, 0];
  if (kind === "x") return [4, 1];
  if (kind !== "u") return [2, 1];
  if (raw[index + 2] !== "{") return [6, 1];
  const end = raw.indexOf("}", index);
  return [end + 1 - index, Number.parseInt(raw.slice(index + 3, end), 16) > 0xffff ? 2 : 1];
}
