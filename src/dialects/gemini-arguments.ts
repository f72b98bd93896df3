import type { PartialArg } from "@google/genai";

// Vertex AI can stream a call's arguments leaf by leaf, each with the JSON path of its place; text may come in several
// pieces: https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc

type Path = readonly (string | number)[];
type Container = Record<string, unknown> | unknown[];

/** The arguments that these pieces add up to. Throws `SyntaxError` for a path that leads nowhere. */
export function assembleArguments(pieces: readonly PartialArg[]): Record<string, unknown> {
  const builder = new ArgumentBuilder();
  for (const piece of pieces) builder.add(piece);
  return builder.value;
}

/** Arguments that are being received: the object they make, and the JSON text it would have been streamed as. */
export class ArgumentBuilder {
  /** Grows in place. */
  readonly value: Record<string, unknown> = {};
  readonly #writer = new JsonWriter();
  /** The place of a text that goes on. */
  #open: string | undefined;

  /** Takes one piece and gives the JSON text it adds. Throws `SyntaxError` for a path that leads nowhere. */
  add(piece: PartialArg): string {
    const path = parsePath(piece.jsonPath);
    const value = leafOf(piece);
    if (value === undefined) return "";
    const goesOn = this.#open === piece.jsonPath && typeof value === "string";
    const container = containerAt(this.value, path);
    const key = path[path.length - 1] as string | number;
    put(container, key, goesOn ? `${own(container, key)}${value}` : value);
    this.#open = piece.willContinue ? piece.jsonPath : undefined;
    return this.#writer.write(path, value, goesOn, piece.willContinue === true);
  }

  /** The text that closes what is open. */
  end(): string {
    return this.#writer.end();
  }
}

function leafOf({ stringValue, numberValue, boolValue, nullValue }: PartialArg): unknown {
  return stringValue ?? numberValue ?? boolValue ?? (nullValue === undefined ? undefined : null);
}

/** `$.recipe.ingredients[0]['the name']` as its steps. One pass, no matter how long. RFC 9535, singular queries only. */
function parsePath(path = ""): Path {
  const steps: (string | number)[] = [];
  let at = path.startsWith("$") ? 1 : path.length;
  while (at < path.length) {
    const step = path[at] === "." ? readName(path, at + 1) : readBracket(path, at);
    if (step === undefined) break;
    steps.push(step.key);
    at = step.end;
  }
  if (steps.length > 0 && at === path.length) return steps;
  throw new SyntaxError(
    `A tool call's argument came with the path ${JSON.stringify(path)}, which does not name a place.`,
  );
}

interface Step {
  readonly key: string | number;
  readonly end: number;
}

function readName(path: string, start: number): Step | undefined {
  let end = start;
  while (end < path.length && path[end] !== "." && path[end] !== "[") end++;
  return end > start ? { key: path.slice(start, end), end } : undefined;
}

function readBracket(path: string, start: number): Step | undefined {
  const quote = path[start + 1];
  if (path[start] !== "[") return undefined;
  if (quote !== "'" && quote !== '"') {
    const end = path.indexOf("]", start);
    const digits = path.slice(start + 1, end);
    return end > start + 1 && /^\d{1,9}$/.test(digits) ? { key: Number(digits), end: end + 1 } : undefined;
  }
  let key = "";
  for (let at = start + 2; at < path.length; at++) {
    if (path[at] === quote) return path[at + 1] === "]" ? { key, end: at + 2 } : undefined;
    if (path[at] === "\\") at++;
    key += path[at] ?? "";
  }
  return undefined;
}

function containerAt(root: Container, path: Path): Container {
  let container = root;
  for (let depth = 0; depth < path.length - 1; depth++) {
    const key = path[depth] as string | number;
    let next = own(container, key);
    if (typeof next !== "object" || next === null) {
      next = typeof path[depth + 1] === "number" ? [] : {};
      put(container, key, next);
    }
    container = next as Container;
  }
  return container;
}

function own(container: Container, key: string | number): unknown {
  return Object.hasOwn(container, key) ? Reflect.get(container, key) : undefined;
}

function put(container: Container, key: string | number, value: unknown): void {
  // An index far beyond the end would make a huge array of one short message.
  if (Array.isArray(container) && !(typeof key === "number" && key <= container.length)) {
    throw new SyntaxError(`A tool call's argument came for the place ${JSON.stringify(key)} of a shorter array.`);
  }
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

interface Level {
  /** Where it stands in its parent. */
  readonly key: string | number | undefined;
  readonly isArray: boolean;
  /** The names or the number of its members so far. */
  readonly names: Set<string | number>;
}

/** Writes JSON in one go, leaf by leaf. Leaves that come out of order cannot be; then it falls silent. */
class JsonWriter {
  readonly #levels: Level[] = [{ key: undefined, isArray: false, names: new Set() }];
  #begun = false;
  #inText = false;
  #silent = false;

  write(path: Path, value: unknown, goesOn: boolean, willContinue: boolean): string {
    if (this.#silent) return "";
    let text = goesOn && this.#inText ? "" : this.#moveTo(path);
    if (this.#silent) return "";
    const json = JSON.stringify(value);
    if (typeof value !== "string") return text + json;
    text += this.#inText ? json.slice(1, -1) : json.slice(0, -1);
    this.#inText = willContinue;
    return willContinue ? text : `${text}"`;
  }

  end(): string {
    if (this.#silent) return "";
    const text = (this.#begun ? "" : "{") + this.#endText() + this.#close(0);
    this.#silent = true;
    return text;
  }

  /** Closes and opens what lies between the last leaf and this one, and writes its key. */
  #moveTo(path: Path): string {
    let text = (this.#begun ? "" : "{") + this.#endText();
    this.#begun = true;
    let depth = 0;
    while (depth < path.length - 1 && this.#levels[depth + 1]?.key === path[depth]) depth++;
    text += this.#close(depth + 1);
    for (; depth < path.length; depth++) {
      const level = this.#levels[depth] as Level;
      const key = path[depth] as string | number;
      // A member that was closed, a text that goes on after something else, or a gap in an array.
      if (level.names.has(key) || level.isArray !== (typeof key === "number")) this.#silent = true;
      if (level.isArray && key !== level.names.size) this.#silent = true;
      text += (level.names.size > 0 ? "," : "") + (level.isArray ? "" : `${JSON.stringify(key)}:`);
      level.names.add(key);
      if (depth === path.length - 1) break;
      const isArray = typeof path[depth + 1] === "number";
      this.#levels.push({ key, isArray, names: new Set() });
      text += isArray ? "[" : "{";
    }
    return text;
  }

  #endText(): string {
    const text = this.#inText ? '"' : "";
    this.#inText = false;
    return text;
  }

  #close(depth: number): string {
    let text = "";
    while (this.#levels.length > depth) text += this.#levels.pop()?.isArray ? "]" : "}";
    return text;
  }
}
