const [quote, backslash] = [0x22, 0x5c];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const escapes = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }),
);
const literals = new Map<string, unknown>(Object.entries({ null: null, true: true, false: false }));
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Reads one string, number or literal of JSON, in as many pieces as it comes. */
export class JsonToken {
  readonly isString: boolean;
  /** `open` until the token's end was seen; `wrong` when it is none of JSON's. */
  status: "open" | "whole" | "wrong" = "open";
  /** A string has a line break or another control character in it, which JSON wants escaped. */
  hasControl = false;
  #text = "";
  /** The last piece of it: looking at the end of the whole would make it one flat string again, at every chunk. */
  #last = "";
  /** What an escape has so far: a backslash, then `\u` and its digits. */
  #escape = "";

  constructor(isString: boolean) {
    this.isString = isString;
  }

  /** The text so far; of a string, decoded. */
  get text(): string {
    return this.#text;
  }

  /** The text of a string so far, without the first half of a surrogate pair whose second half is yet to come. */
  get steadyText(): string {
    const last = this.#last.charCodeAt(this.#last.length - 1);
    return last >= 0xd800 && last <= 0xdbff ? this.#text.slice(0, -1) : this.#text;
  }

  /** The value of a whole token. */
  get value(): unknown {
    if (this.isString) return this.#text;
    return literals.has(this.#text) ? literals.get(this.#text) : Number(this.#text);
  }

  /** Reads from `index` on as far as it is one step, and gives the index of what comes next. */
  read(text: string, index: number): number {
    if (!this.isString) return this.#readScalar(text, index);
    return this.#escape === "" ? this.#readString(text, index) : this.#readEscape(text[index]!, index);
  }

  /** The text is at its end: only then is a number known to be whole that nothing follows. */
  end(): void {
    if (!this.isString) this.status = literals.has(this.#text) || number.test(this.#text) ? "whole" : "wrong";
  }

  #readString(text: string, index: number): number {
    let next = index;
    let code = 0;
    for (; next < text.length; next++) {
      code = text.charCodeAt(next);
      if (code === quote || code === backslash) break;
      if (code < 0x20) this.hasControl = true;
    }
    if (next > index) this.#add(text.slice(index, next));
    if (next === text.length) return next;
    if (code === backslash) this.#escape = "\\";
    else this.status = "whole";
    return next + 1;
  }

  #readEscape(letter: string, index: number): number {
    const isHex = this.#escape !== "\\";
    const character = isHex ? undefined : escapes.get(letter);
    if (character === undefined && !(isHex ? /[0-9a-fA-F]/ : /u/).test(letter)) {
      this.status = "wrong";
      return index;
    }
    this.#escape += letter;
    const whole = character ?? this.#hexCharacter();
    if (whole === undefined) return index + 1;
    this.#add(whole);
    this.#escape = "";
    return index + 1;
  }

  #add(piece: string): void {
    this.#text += piece;
    this.#last = piece;
  }

  #hexCharacter(): string | undefined {
    if (this.#escape.length < "\\u0000".length) return undefined;
    return String.fromCharCode(Number.parseInt(this.#escape.slice(2), 16));
  }

  #readScalar(text: string, index: number): number {
    let next = index;
    while (next < text.length && isScalarPart(text.charCodeAt(next))) next++;
    this.#text += text.slice(index, next);
    if (next < text.length) this.end();
    return next;
  }
}

/** Passes over what turned out not to be JSON inside, up to the bracket that ends it. */
export class BrokenJson {
  #depth: number;
  #inString: boolean;
  #escaped = false;

  /** From inside `depth` open brackets on, and maybe inside a string. */
  constructor(depth: number, inString: boolean) {
    this.#depth = depth;
    this.#inString = inString;
  }

  /** Takes the next character; true when it is the bracket that ends it all. */
  endsWith(code: number): boolean {
    if (this.#escaped) this.#escaped = false;
    else if (this.#inString && code === backslash) this.#escaped = true;
    else if (code === quote) this.#inString = !this.#inString;
    else if (!this.#inString && (code === openObject || code === openArray)) this.#depth++;
    else if (!this.#inString && (code === closeObject || code === closeArray)) this.#depth--;
    return this.#depth === 0;
  }
}

/** JSON's white space. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Lower-case letters, digits, `E + - .`: what numbers and literals are made of. */
export function isScalarPart(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x45 ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x2e
  );
}
