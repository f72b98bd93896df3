const [quote, backslash, openArray, closeArray, openObject, closeObject] = [34, 92, 91, 93, 123, 125];

/**
 * Tells whether text that comes in pieces is one whole JSON object or array by now. Each character is looked at once; what
 * lies between the brackets is not checked.
 */
export class JsonEnd {
  #depth = 0;
  #state: "before" | "inside" | "text" | "escape" | "whole" | "none" = "before";

  /** True once the bracket that opened the text was closed, and nothing but blanks came after it. */
  get whole(): boolean {
    return this.#state === "whole";
  }

  /** Reads on. */
  push(text: string): this {
    for (let at = 0; at < text.length; at++) this.#step(text.charCodeAt(at));
    return this;
  }

  #step(code: number): void {
    if (this.#state === "text") {
      if (code === quote) this.#state = "inside";
      else if (code === backslash) this.#state = "escape";
    } else if (this.#state === "escape") this.#state = "text";
    else if (this.#state === "inside") this.#stepInside(code);
    // Space, tab and line ends.
    else if (code === 32 || (code >= 9 && code <= 13)) return;
    else if (this.#state === "before" && (code === openObject || code === openArray)) {
      this.#state = "inside";
      this.#depth = 1;
    } else this.#state = "none";
  }

  #stepInside(code: number): void {
    if (code === quote) this.#state = "text";
    else if (code === openObject || code === openArray) this.#depth++;
    else if ((code === closeObject || code === closeArray) && --this.#depth === 0) this.#state = "whole";
  }
}
