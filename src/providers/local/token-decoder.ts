import type { LlamaModel, Token } from "node-llama-cpp";

// A character of UTF-8 has four bytes at most, and a token one byte at least.
const longestCharacter = 4;

// Some tokenizers write a space only where another token stands before.
const memory = 4;

/** Tokens to text, one at a time. A character that is spread over several tokens comes whole with its last one. */
export class TokenDecoder {
  readonly #model: Pick<LlamaModel, "detokenize">;
  #last: Token[] = [];
  #pending: Token[] = [];

  constructor(model: Pick<LlamaModel, "detokenize">) {
    this.#model = model;
  }

  /** The text that is certain with this token; what the answer ends in the middle of is never given. */
  decode(token: Token): string {
    this.#pending.push(token);
    const text = this.#model.detokenize(this.#pending, false, this.#last);
    if (text.endsWith("\uFFFD") && this.#pending.length < longestCharacter) return "";
    this.#last = [...this.#last, ...this.#pending].slice(-memory);
    this.#pending = [];
    return text;
  }
}
