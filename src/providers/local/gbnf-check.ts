import { ConfigError } from "../../errors/errors.ts";

/**
 * Reads a grammar as llama.cpp does (https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md). Throws
 * `ConfigError` for one that it could not read: it would print the whole grammar, and take all the memory there is for a
 * count like `{2,1}`.
 */
export function checkGrammar(grammar: string): void {
  new Reader(grammar).read();
}

const word = /[a-zA-Z0-9-]+/y;
const space = /(?:[ \t]|#[^\r\n]*)*/y;
const lines = /(?:[ \t\r\n]|#[^\r\n]*)*/y;
const character = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[tnr"\\[\]-])|[^\\]/y;
const count = /\{[ \t]*([0-9]{1,9})[ \t]*(?:(,)[ \t]*([0-9]{1,9})?[ \t]*)?\}/y;
const token = /!?<(?:\[[0-9]+\]|[^<>\r\n]+)>/y;
// Deeper, and the stack of llama.cpp's parser ends.
const deepest = 1000;

class Reader {
  readonly #text: string;
  readonly #defined = new Set<string>();
  readonly #named = new Map<string, number>();
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): void {
    this.#take(lines);
    while (this.#at < this.#text.length) this.#rule();
    if (!this.#defined.has("root")) this.#fail("it has no rule `root`", this.#text.length);
    for (const [name, at] of this.#named) {
      if (!this.#defined.has(name)) this.#fail(`it has no rule \`${name}\``, at);
    }
  }

  #rule(): void {
    const [name] = this.#take(word) ?? this.#fail("a rule's name was expected");
    this.#defined.add(name);
    this.#take(space);
    if (!this.#skip("::=")) this.#fail("`::=` was expected");
    this.#take(lines);
    this.#alternatives(0);
    if (this.#at < this.#text.length && !/[\r\n]/.test(this.#next())) this.#fail("the end of the rule was expected");
    this.#take(lines);
  }

  #alternatives(depth: number): void {
    if (depth > deepest) this.#fail("its brackets are too deep");
    do {
      if (depth > 0 || this.#text[this.#at - 1] === "|") this.#take(lines);
      this.#sequence(depth);
    } while (this.#skip("|"));
  }

  #sequence(depth: number): void {
    for (let items = 0; this.#item(depth, items > 0); items++) this.#take(depth > 0 ? lines : space);
  }

  /** One item, or the count behind one; false where there is neither. */
  #item(depth: number, repeatable: boolean): boolean {
    const next = this.#next();
    if (next === '"' || next === "[") this.#characters(next === '"' ? '"' : "]");
    else if (next === "(") {
      this.#at++;
      this.#alternatives(depth + 1);
      if (!this.#skip(")")) this.#fail("`)` was expected");
    } else if (next !== "" && "*+?{".includes(next)) this.#repetition(next, repeatable);
    else if (next === ".") this.#at++;
    else {
      const at = this.#at;
      const name = this.#take(word)?.[0];
      if (name === undefined) return this.#take(token) !== undefined;
      if (!this.#named.has(name)) this.#named.set(name, at);
    }
    return true;
  }

  #characters(end: string): void {
    const from = this.#at++;
    if (end === "]") this.#skip("^");
    while (!this.#skip(end)) {
      if (this.#at >= this.#text.length) this.#fail(`\`${end}\` was expected`, from);
      if (this.#take(character) === undefined) this.#fail("it has an escape that is none");
    }
  }

  #repetition(sign: string, repeatable: boolean): void {
    if (!repeatable) this.#fail(`something to repeat was expected before \`${sign}\``);
    if (sign !== "{") {
      this.#at++;
      return;
    }
    const at = this.#at;
    const [, least = "", , most] = this.#take(count) ?? this.#fail("a count like `{1,2}` was expected");
    if (most !== undefined && Number(least) > Number(most)) this.#fail("the most is less than the least", at);
  }

  #next(): string {
    return this.#text[this.#at] ?? "";
  }

  #skip(expected: string): boolean {
    const found = this.#text.startsWith(expected, this.#at);
    if (found) this.#at += expected.length;
    return found;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }

  #fail(what: string, at: number = this.#at): never {
    const line = this.#text.slice(0, at).split("\n").length;
    throw new ConfigError(`local: \`grammar\` is not one that llama.cpp can read: ${what}, in line ${line}.`);
  }
}
