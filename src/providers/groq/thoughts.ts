/** A piece of text, parted into what the model thought and what it says. */
export interface Parted {
  content: string;
  thought: string;
}

const opening = "<think>";
const closing = "</think>";
/** Blank characters that may precede the opening tag; past these the text is an answer. */
const mostBlanks = 64;

/**
 * Parts an answer that opens with a `<think>` block, piece by piece: the tags belong to neither side, and a tag that is
 * cut between pieces is held back until it is whole. A tag further on is text like any other.
 * https://console.groq.com/docs/reasoning (reasoning format `raw`)
 */
export class ThoughtParter {
  #state: "start" | "thought" | "answer" = "start";
  #held = "";

  /** What the next piece adds to either side. */
  push(text: string): Parted {
    const parted: Parted = { content: "", thought: "" };
    let rest = this.#held + text;
    this.#held = "";
    if (this.#state === "start") rest = this.#open(rest);
    if (this.#state === "thought") rest = this.#close(rest, parted);
    if (this.#state === "answer") parted.content = rest;
    return parted;
  }

  /** What was held back, when nothing follows. */
  end(): Parted {
    const held = this.#held;
    this.#held = "";
    return this.#state === "thought" ? { content: "", thought: held } : { content: held, thought: "" };
  }

  #open(text: string): string {
    const start = text.trimStart();
    const isPossible = text.length - start.length <= mostBlanks;
    if (isPossible && start.startsWith(opening)) {
      this.#state = "thought";
      return start.slice(opening.length);
    }
    if (isPossible && opening.startsWith(start)) {
      this.#held = text;
      return "";
    }
    this.#state = "answer";
    return text;
  }

  #close(text: string, parted: Parted): string {
    const end = text.indexOf(closing);
    if (end !== -1) {
      this.#state = "answer";
      parted.thought = text.slice(0, end);
      return text.slice(end + closing.length);
    }
    const kept = text.length - cutTag(text);
    parted.thought = text.slice(0, kept);
    this.#held = text.slice(kept);
    return "";
  }
}

/** How many of the last characters may be the beginning of the closing tag. */
function cutTag(text: string): number {
  for (let length = Math.min(closing.length - 1, text.length); length > 0; length--) {
    if (closing.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
