import type { Random } from "./random.ts";

/** How often at most a piece without an upper bound is repeated. */
const mostRepeats = 3;
const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const letters = [..."abcdefghijklmnopqrstuvwxyz"];
const digits = [..."0123456789"];
const wordly = [...letters, ...letters.map((letter) => letter.toUpperCase()), ...digits, "_"];

/**
 * A text that fits a regular expression of the usual kind: literals, classes, groups, alternatives, repetitions. Whether
 * it really does is for the schema's validator to say; what is not known here (look-arounds, back references) is skipped.
 */
export function patternText(pattern: string, random: Random, least: number, most: number): string {
  let text = "";
  for (let extra = 0; extra < 20; extra++) {
    text = new PatternReader(pattern, random, extra).alternatives();
    const { length } = text;
    if (length >= least && length <= most) return text;
  }
  return text;
}

/** Reads a pattern once, from left to right, and writes what fits as it goes. */
class PatternReader {
  readonly #pattern: string;
  readonly #random: Random;
  readonly #extra: number;
  #at = 0;

  constructor(pattern: string, random: Random, extra: number) {
    this.#pattern = pattern;
    this.#random = random;
    this.#extra = extra;
  }

  alternatives(): string {
    const branches = [this.#sequence()];
    while (this.#take("|")) branches.push(this.#sequence());
    return this.#random.pick(branches);
  }

  #sequence(): string {
    let text = "";
    while (this.#at < this.#pattern.length && !"|)".includes(this.#peek())) {
      const start = this.#at;
      let piece = this.#atom();
      const end = this.#at;
      const [from, to] = this.#repeats();
      const after = this.#at;
      const count = this.#random.whole(from, to);
      if (count === 0) piece = "";
      // Each repetition is read anew, so that `\d{3}` is three digits and not one three times.
      for (let index = 1; index < count; index++) {
        this.#at = start;
        piece += this.#atom();
        this.#at = end;
      }
      this.#at = after;
      text += piece;
    }
    return text;
  }

  #peek(): string {
    return this.#pattern[this.#at] ?? "";
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #atom(): string {
    if (this.#take("^") || this.#take("$")) return "";
    if (this.#take("(")) return this.#group();
    if (this.#take("[")) return this.#random.pick(this.#set());
    if (this.#take(".")) return this.#random.pick(letters);
    if (this.#take("\\")) return this.#random.pick(this.#escape());
    const code = this.#pattern.codePointAt(this.#at) ?? 0;
    const literal = String.fromCodePoint(code);
    this.#at += literal.length;
    return literal;
  }

  #group(): string {
    const isLook = ["?=", "?!", "?<=", "?<!"].some((mark) => this.#take(mark));
    if (!isLook && !this.#take("?:") && this.#take("?<")) while (!this.#take(">")) this.#at++;
    const text = this.alternatives();
    this.#take(")");
    return isLook ? "" : text;
  }

  /** The characters of a class in brackets. */
  #set(): readonly string[] {
    const isNegated = this.#take("^");
    const members: string[] = [];
    while (this.#at < this.#pattern.length && !this.#take("]")) {
      const first = this.#member();
      const [from] = first;
      if (first.length === 1 && this.#peek() === "-" && this.#pattern[this.#at + 1] !== "]") {
        this.#at++;
        const [to = ""] = this.#member();
        const [low = 0, high = 0] = [from?.codePointAt(0), to.codePointAt(0)];
        // Of a wide range the first characters are as good as any.
        for (let code = low; code <= Math.min(high, low + 255); code++) members.push(String.fromCodePoint(code));
      } else members.push(...first);
    }
    const chosen = isNegated ? printable.filter((one) => !members.includes(one)) : members;
    return chosen.length > 0 ? chosen : [""];
  }

  #member(): readonly string[] {
    if (this.#take("\\")) return this.#escape();
    const literal = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    this.#at += literal.length;
    return [literal];
  }

  #escape(): readonly string[] {
    const letter = this.#peek();
    this.#at++;
    switch (letter) {
      case "d":
        return digits;
      case "w":
        return wordly;
      case "s":
        return [" "];
      case "D":
      case "S":
        return letters;
      case "W":
        return ["-"];
      case "b":
      case "B":
        return [""];
      case "n":
        return ["\n"];
      case "t":
        return ["\t"];
      case "r":
        return ["\r"];
      case "p":
        while (!this.#take("}") && this.#at < this.#pattern.length) this.#at++;
        return letters;
      case "u":
        return [this.#code()];
      default:
        return [letter];
    }
  }

  #code(): string {
    const [found, inner, plain] = /^(?:\{([0-9a-f]+)\}|([0-9a-f]{4}))/i.exec(this.#pattern.slice(this.#at)) ?? [""];
    this.#at += found.length;
    return String.fromCodePoint(Number.parseInt(inner ?? plain ?? "75", 16));
  }

  #repeats(): [from: number, to: number] {
    const bounds = this.#bounds();
    this.#take("?") || this.#take("+");
    return bounds;
  }

  #bounds(): [from: number, to: number] {
    if (this.#take("*")) return [Math.min(this.#extra, 1), mostRepeats + this.#extra];
    if (this.#take("+")) return [1 + this.#extra, mostRepeats + this.#extra];
    if (this.#take("?")) return [0, 1];
    const counted = /^\{(\d+)(,?)(\d*)\}/.exec(this.#pattern.slice(this.#at));
    if (counted === null) return [1, 1];
    const [found, from = "1", comma, to] = counted;
    this.#at += found.length;
    const low = Number(from);
    return [low, comma === "" ? low : to ? Number(to) : low + mostRepeats + this.#extra];
  }
}
