import { JsonBuilder } from "./json-builder.ts";
import { BrokenJson, isScalarPart, isSpace, JsonToken } from "./json-token.ts";
import type { Leniency, PartialJsonOptions } from "./partial-json-options.ts";
import { ThoughtWatch } from "./thoughts.ts";

type State = "before" | "value" | "item" | "key" | "colon" | "after" | "token" | "done" | "broken";

const [quote, comma, colon, openArray, closeArray, openObject, closeObject] = [34, 44, 58, 91, 93, 123, 125];
// Deeper nesting answers no schema; the limit bounds the cost of a snapshot.
const maximumDepth = 1000;

/**
 * Reads JSON as it streams in. `value` is at any time what the text so far says, and what follows can only extend it:
 * strings grow, arrays and objects gain elements, numbers and literals appear when whole, keys when their value begins.
 * Prose, a byte order mark and a code fence around the JSON are passed over; what only looks like JSON is dropped again. So
 * is whatever stands among the model's thoughts, be it that only the tag after them shows that they were thoughts.
 *
 * The cost of a chunk does not depend on what came before it: the first `push` after a read of `value` copies the open
 * containers (not their content); everything finished is shared by all snapshots. Open arrays of more than 4,096 elements
 * and open objects of more than 128 keys are not copied any more: snapshots share them and see them grow at their end.
 */
export class PartialJson {
  readonly #options: PartialJsonOptions;
  readonly #builder = new JsonBuilder();
  #leniencies = new Set<Leniency>();
  #state: State = "before";
  #token = new JsonToken(false);
  #readsKey = false;
  #placed = "";
  /** A whole key was read: this is JSON, not a stray bracket. */
  #committed = false;
  #changed = false;
  /** The first whole root of the unwanted kind, with all that is known of it. */
  #other: { root: unknown; range: PartialJson["range"]; leniencies: Set<Leniency> } | undefined;
  #broken = new BrokenJson(0, false);
  #watch = new ThoughtWatch();
  #position = 0;
  #items = 0;
  #afterProse = false;
  #range = { start: 0, end: 0 };
  constructor(options: PartialJsonOptions = {}) {
    this.#options = options;
  }

  /** Reads on. True when `value` changed by it. Never throws; what follows a complete root is passed over. */
  push(text: string): boolean {
    const wasShown = this.#isShown();
    this.#changed = false;
    let index = 0;
    while (index < text.length) {
      const outside = this.#state === "before" || this.#state === "done";
      if (outside) index = this.#watch.skip(text, index, this.#state === "done");
      if (index < text.length) index = this.#step(text, index);
    }
    this.#position += text.length;
    return wasShown ? this.#changed || !this.#isShown() : this.#isShown();
  }

  /**
   * What was read so far; `undefined` until that is surely JSON. A snapshot: it is not changed afterwards, and what is the
   * same as in the last one is the same object. A half-received surrogate pair is left out.
   */
  get value(): unknown {
    if (!this.#isShown()) return undefined;
    if (this.#isInString() && !this.#readsKey) this.#place(this.#token.steadyText);
    return this.#builder.snapshot();
  }

  /** True once the root is whole. */
  get complete(): boolean {
    return this.#state === "done";
  }

  /** True while a root was begun and is not whole: at the end of the text it means that the text was cut off. */
  get unfinished(): boolean {
    return this.#state !== "done" && this.#state !== "before";
  }

  /** True where prose stands before the root. It may yet turn out to be thoughts, and the root with it. */
  get afterProse(): boolean {
    return this.#afterProse;
  }

  /** How many elements of the array (the root, or what `itemsAt` names) are whole; they are its first ones. */
  get completedItems(): number {
    return this.#items;
  }

  /** Where the complete root begins and ends in the whole text pushed, in UTF-16 units. */
  get range(): { start: number; end: number } {
    return { ...this.#range };
  }

  /** What was let pass in the root. */
  get leniencies(): ReadonlySet<Leniency> {
    return this.#leniencies;
  }

  /** Says that no more text comes. Throws `SyntaxError` when the root is not complete; `value` stays readable. */
  end(): void {
    if (this.#state === "before" && this.#other !== undefined) {
      this.#builder.put(this.#other.root);
      this.#range = this.#other.range;
      this.#leniencies = this.#other.leniencies;
      this.#state = "done";
    }
    if (this.#state === "done") return;
    throw new SyntaxError(
      this.unfinished ? `The JSON is not finished after ${this.#position} characters` : "The text holds no whole JSON",
    );
  }

  /** Handles the character at `index`, or a run of them, and gives the index of the next. */
  #step(text: string, index: number): number {
    const code = text.charCodeAt(index);
    switch (this.#state) {
      case "before":
        return this.#seek(code, index);
      case "done":
        this.#retract(code, index);
        return index + 1;
      case "token":
        return this.#readToken(text, index);
      case "broken":
        // What was read stays readable until the next root begins.
        if (this.#broken.endsWith(code)) this.#state = "before";
        return index + 1;
      default:
        return isSpace(code) ? index + 1 : this.#readStructure(code, index);
    }
  }

  #seek(code: number, index: number): number {
    this.#retract(code, index);
    const begins = code === openObject || code === openArray;
    if (!begins) this.#watch.note(code);
    if (!begins || this.#watch.inside) return index + 1;
    if (this.#builder.root !== undefined) this.#reset();
    this.#afterProse = this.#watch.prose;
    this.#range = { start: this.#position + index, end: this.#position + index };
    return this.#beginValue(code, index);
  }

  /** A tag that ends thoughts which no tag began: what came before it is no answer. */
  #retract(code: number, index: number): void {
    if (this.#watch.read(code, this.#position + index) !== "close_unopened") return;
    this.#other = undefined;
    this.#reset();
    this.#changed = true;
  }

  #readStructure(code: number, index: number): number {
    switch (this.#state) {
      case "item":
        return code === closeArray ? this.#close(index) : this.#beginValue(code, index);
      case "value":
        return this.#beginValue(code, index);
      case "key":
        if (code === closeObject) return this.#close(index);
        return code === quote ? this.#beginString(true, index) : this.#fail(index);
      case "colon":
        if (code !== colon) return this.#fail(index);
        this.#committed = true;
        this.#state = "value";
        return index + 1;
      case "after":
        return this.#afterValue(code, index);
      default:
        return this.#fail(index);
    }
  }

  #afterValue(code: number, index: number): number {
    const { inArray } = this.#builder;
    if (code === (inArray ? closeArray : closeObject)) return this.#close(index);
    if (code !== comma) return this.#fail(index);
    this.#builder.advance();
    this.#state = inArray ? "item" : "key";
    return index + 1;
  }

  #beginValue(code: number, index: number): number {
    if (code === quote) return this.#beginString(false, index);
    if (code === openObject || code === openArray) {
      if (this.#builder.depth >= maximumDepth) return this.#fail(index);
      this.#changed = true;
      this.#builder.open(code === openArray ? [] : {});
      this.#state = code === openArray ? "item" : "key";
      return index + 1;
    }
    if (!isScalarPart(code)) return this.#fail(index);
    this.#readsKey = false;
    this.#token = new JsonToken(false);
    this.#state = "token";
    return index;
  }

  #beginString(isKey: boolean, index: number): number {
    this.#readsKey = isKey;
    this.#token = new JsonToken(true);
    this.#state = "token";
    this.#placed = "";
    if (!isKey) this.#put("");
    return index + 1;
  }

  #close(index: number): number {
    // Between elements, a bracket can only follow a comma, unless there are none.
    if (this.#state !== "after" && this.#builder.hasContent) this.#leniencies.add("trailing_comma");
    this.#builder.close();
    this.#finishValue(index + 1);
    return index + 1;
  }

  #finishValue(end: number): void {
    const { depth, inArray, root, rootKey } = this.#builder;
    this.#range.end = this.#position + end;
    if (depth > 0) {
      const { itemsAt } = this.#options;
      const isItem = inArray && (itemsAt === undefined ? depth === 1 : depth === 2 && rootKey === itemsAt);
      if (isItem) this.#items++;
      this.#state = "after";
    } else if (this.#isWanted()) {
      this.#state = "done";
    } else {
      this.#other ??= { root, range: this.#range, leniencies: this.#leniencies };
      this.#reset();
    }
  }

  #readToken(text: string, index: number): number {
    const token = this.#token;
    const before = token.text.length;
    const next = token.read(text, index);
    if (token.isString && !this.#readsKey && token.text.length > before) this.#changed = true;
    return this.#finishToken(next) ? next : this.#fail(next);
  }

  /** False when the token is wrong. */
  #finishToken(end: number): boolean {
    const token = this.#token;
    if (token.status !== "whole") return token.status === "open";
    if (token.hasControl) this.#leniencies.add("raw_newline");
    if (this.#readsKey) {
      this.#builder.setKey(token.text);
      this.#state = "colon";
      return true;
    }
    if (token.isString) this.#place(token.text);
    else if (token.value !== null || this.#builder.inArray || !this.#options.omitNulls) this.#put(token.value);
    this.#finishValue(end);
    return true;
  }

  /** Brings a string in the value up to date; what stands there already (`#placed`) is not put again. */
  #place(text: string): void {
    if (text === this.#placed) return;
    this.#placed = text;
    this.#builder.put(text);
  }

  #put(value: unknown): void {
    this.#changed = true;
    this.#builder.put(value);
  }

  /** The text is not JSON after all. A stray bracket is forgotten; broken JSON is passed over to its last bracket. */
  #fail(index: number): number {
    if (this.#committed) {
      this.#broken = new BrokenJson(this.#builder.depth, this.#isInString());
      this.#state = "broken";
    } else this.#reset();
    return index;
  }

  #reset(): void {
    this.#builder.reset();
    if (this.#leniencies.size > 0) this.#leniencies = new Set();
    this.#state = "before";
    this.#committed = false;
    this.#items = 0;
  }

  #isInString(): boolean {
    return this.#state === "token" && this.#token.isString;
  }

  #isWanted(): boolean {
    const isArray = Array.isArray(this.#builder.root);
    return this.#options.root === "object" ? !isArray : this.#options.root !== "array" || isArray;
  }

  /** An empty bracket may still be prose; a key, an element or the closing bracket makes it JSON. */
  #isShown(): boolean {
    const { root } = this.#builder;
    if (this.#state === "done" || root === undefined) return root !== undefined;
    return this.#isWanted() && (this.#committed || (Array.isArray(root) && root.length > 0));
  }
}
