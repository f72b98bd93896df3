/** What a tag around a model's answer says: thoughts begin, thoughts end, or all that came before was thoughts. */
export type ThoughtMark = "open" | "close" | "close_unopened";

const [newline, backtick] = [0x0a, 0x60];
/** Longer than any of the tags; past it the text is something else. */
const longestTag = 64;
// What a tag begins and ends with: `<` `[` `◁`, `>` `]` `▷`.
const isOpener = (code: number) => code === 0x3c || code === 0x5b || code === 0x25c1;
const isCloser = (code: number) => code === 0x3e || code === 0x5d || code === 0x25b7;
const signs = /[<[{◁]/g;
const names = "think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis|antthinking";
// `<think>` and its kin, `[THINK]` of Magistral, `◁think▷` of Kimi, `<|START_THINKING|>` of Command,
// `<|begin_of_thought|>` of Sky-T1, `<|channel>` of Gemma: what these models write where nothing parts their thoughts.
const tag = new RegExp(`^(?:<(/?)(?:[a-z]+:)?(${names})(?:\\s[^<>]*)?>|\\[(/?)(THINK)\\]|◁(/?)(think)▷)$`, "i");
const opening: ReadonlySet<string> = new Set(["<|START_THINKING|>", "<|begin_of_thought|>", "<|channel>"]);
const closing: ReadonlySet<string> = new Set(["<|END_THINKING|>", "<|end_of_thought|>", "<channel|>"]);

/**
 * Watches the text around JSON for the tags between which models think, character by character. Many a template writes the
 * opening tag itself, so that only the closing one is seen: then everything before it was thoughts.
 */
export class ThoughtWatch {
  #tag = "";
  #next = 0;
  /** What closes the thoughts that are open: the name of their tag. */
  #inside: string | undefined;
  /** The label of a channel of gpt-oss that is being read. https://cookbook.openai.com/articles/openai-harmony */
  #label: string | undefined;
  #line: "start" | "fence" | "text" = "start";
  /** True where something was said, other than thoughts and the line of a code fence. */
  prose = false;
  /** True where a tag was seen. */
  seen = false;

  /** True between an opening tag and its closing one. */
  get inside(): boolean {
    return this.#inside !== undefined;
  }

  /** Where the next character stands that could matter, when those before it could change nothing. */
  skip(text: string, index: number, whole: boolean): number {
    if (this.#tag !== "" || this.#label !== undefined || !(whole || this.prose || this.inside)) return index;
    signs.lastIndex = index;
    return signs.exec(text)?.index ?? text.length;
  }

  /** Takes the character at a position of the whole text; one that does not follow the last ends a tag half read. */
  read(code: number, position: number): ThoughtMark | undefined {
    if (isOpener(code)) {
      this.#tag = String.fromCharCode(code);
      this.#next = position + 1;
    } else if (this.#tag !== "") {
      if (position !== this.#next++ || this.#tag.length > longestTag) this.#tag = "";
      else this.#tag += String.fromCharCode(code);
      if (isCloser(code)) return this.#mark(this.#tag);
    } else if (this.#label !== undefined && this.#label.length < longestTag) this.#label += String.fromCharCode(code);
    return undefined;
  }

  /** Notes a character that is no part of JSON. */
  note(code: number): void {
    if (this.prose || this.inside) return;
    if (code === newline) this.#line = "start";
    else if (code > 0x20 && code !== 0xfeff) {
      if (this.#line === "start") this.#line = code === backtick ? "fence" : "text";
      if (this.#line === "text") this.prose = true;
    }
  }

  #mark(text: string): ThoughtMark | undefined {
    this.#tag = "";
    if (text === "<|channel|>") this.#label = "";
    if (text === "<|message|>" && this.#label !== undefined) {
      const thinks = this.#label.trimStart().startsWith("analysis");
      this.#label = undefined;
      if (thinks) return this.#open("channel");
      return this.#inside === "channel" ? this.#close("channel") : undefined;
    }
    if (text === "<|end|>") return this.#inside === "channel" ? this.#close("channel") : undefined;
    if (opening.has(text)) return this.#open("token");
    if (closing.has(text)) return this.#close("token");
    const [, slash, word, slash2, word2, slash3, word3] = tag.exec(text) ?? [];
    const name = (word ?? word2 ?? word3)?.toLowerCase().slice(0, 5);
    if (name === undefined) return undefined;
    return slash || slash2 || slash3 ? this.#close(name) : this.#open(name);
  }

  #open(name: string): ThoughtMark | undefined {
    if (this.inside) return undefined;
    this.#inside = name;
    this.seen = true;
    return "open";
  }

  #close(name: string): ThoughtMark | undefined {
    if (this.inside && this.#inside !== name) return undefined;
    const mark = this.inside ? "close" : "close_unopened";
    this.#inside = undefined;
    this.#line = "start";
    this.seen = true;
    this.prose = false;
    return mark;
  }
}

const mayThink = /[<◁]|\[\/?THINK\]/i;

/** A text without its thoughts, and whether there were any; what is never closed is thoughts to the end. */
export function withoutThoughts(text: string): { readonly text: string; readonly thoughts: boolean } {
  if (!mayThink.test(text)) return { text, thoughts: false };
  const watch = new ThoughtWatch();
  let kept = "";
  let from = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (!watch.inside && isOpener(code)) start = index;
    const mark = watch.read(code, index);
    if (mark === undefined) continue;
    if (mark === "open") kept += text.slice(from, start);
    if (mark === "close_unopened") kept = "";
    from = index + 1;
  }
  return { text: watch.inside ? kept : kept + text.slice(from), thoughts: watch.seen };
}

/** Where the text after the last closing tag begins; 0 where there is none. */
export function afterThoughts(text: string): number {
  if (!mayThink.test(text)) return 0;
  const watch = new ThoughtWatch();
  let after = 0;
  for (let index = 0; index < text.length; index++) {
    const mark = watch.read(text.charCodeAt(index), index);
    if (mark === "close" || mark === "close_unopened") after = index + 1;
  }
  return watch.inside ? text.length : after;
}
