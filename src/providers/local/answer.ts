import { MarkerScanner } from "./marker.ts";
import type { LocalDelta } from "./types.ts";

// A tool call as Qwen, Hermes and SmolLM write it, https://github.com/NousResearch/Hermes-Function-Calling#prompt-format.
// The grammar sees to the exact spacing, so that a call is read without a JSON parser: no JSON text holds a bare line end.
export const callStart = "<tool_call>";
export const callMiddle = ', "arguments": ';
export const callEnd = "}\n</tool_call>";

/** Reasoning models think between these, at the beginning of an answer. */
export const thoughtStart = "<think>";
export const thoughtEnd = "</think>";

/** What the text begins as. `arguments` are those of the one tool that was forced, and nothing follows them. */
export type AnswerStart =
  | { readonly kind: "text"; readonly tools: boolean }
  | { readonly kind: "thought"; readonly tools: boolean }
  | { readonly kind: "call" }
  | { readonly kind: "arguments"; readonly name: string };

type State = "start" | "text" | "thought" | "head" | "arguments" | "onlyArguments";

/** Tells apart what a model writes as it comes: its thoughts, the text, tool calls. None leaks into another. */
export class AnswerReader {
  readonly #scanner = new MarkerScanner();
  readonly #tools: boolean;
  readonly #newId: () => string;
  #state: State;
  #head = "";
  #arguments = "";
  #calls = 0;
  // The lines between a thought or a call and what follows belong to neither.
  #trim = false;
  #opening: LocalDelta | undefined;

  constructor(start: AnswerStart, newId: () => string) {
    this.#newId = newId;
    this.#tools = start.kind === "call" || (start.kind !== "arguments" && start.tools);
    this.#state = start.kind === "text" ? "start" : start.kind === "call" ? "head" : "thought";
    if (start.kind === "arguments") {
      this.#state = "onlyArguments";
      this.#trim = true;
      this.#opening = this.#begin(start.name);
    }
  }

  /** True while a tool call could begin. */
  get inText(): boolean {
    return this.#state === "start" || this.#state === "text";
  }

  get hasCalls(): boolean {
    return this.#calls > 0;
  }

  /** What a further piece of text adds. */
  read(text: string): LocalDelta[] {
    const deltas: LocalDelta[] = this.#open();
    for (let rest = text, first = true; first || rest !== ""; first = false) {
      const { before, marker, after } = this.#scanner.next(rest, this.#markers());
      this.#add(before, deltas);
      if (marker !== undefined) this.#enter(marker, deltas);
      rest = after;
    }
    return deltas;
  }

  /** What is left when no more text comes. */
  end(): LocalDelta[] {
    const deltas: LocalDelta[] = this.#open();
    const held = this.#scanner.flush();
    // Where the answer is cut off in the mark that ends a call, the arguments are whole.
    const isMark = this.#state === "arguments" && (held.length > 1 || isJson(this.#arguments));
    if (!isMark) this.#add(held, deltas);
    return deltas;
  }

  #open(): LocalDelta[] {
    const opening = this.#opening;
    this.#opening = undefined;
    return opening === undefined ? [] : [opening];
  }

  #markers(): readonly string[] {
    const calls = this.#tools ? [`\n${callStart}`, callStart] : [];
    switch (this.#state) {
      case "start":
        return [thoughtStart, ...calls];
      case "text":
        return calls;
      case "thought":
        return [thoughtEnd];
      case "head":
        return [callMiddle];
      case "arguments":
        return [callEnd];
      default:
        return [];
    }
  }

  #enter(marker: string, deltas: LocalDelta[]): void {
    if (marker === callMiddle) {
      deltas.push(this.#begin(nameIn(this.#head)));
      this.#head = "";
      this.#state = "arguments";
    } else if (marker === thoughtEnd || marker === callEnd) {
      this.#state = "text";
      this.#trim = true;
    } else if (marker !== thoughtStart) this.#state = "head";
    else if (this.#state === "start") this.#state = "thought";
    // A model that speaks of the marker further down in its answer does not think.
    else this.#add(marker, deltas);
  }

  #add(text: string, deltas: LocalDelta[]): void {
    if (text === "") return;
    if (this.#state === "head") this.#head += text;
    else if (this.#state === "thought") deltas.push({ thinking: text });
    else {
      const wanted = this.#trim ? text.trimStart() : text;
      if (wanted === "") return;
      this.#trim = false;
      if (this.#state === "arguments" || this.#state === "onlyArguments") {
        this.#arguments += wanted;
        deltas.push({ toolCall: { index: this.#calls - 1, arguments: wanted } });
        return;
      }
      if (wanted.trim() !== "") this.#state = "text";
      deltas.push({ content: wanted });
    }
  }

  #begin(name: string): LocalDelta {
    this.#arguments = "";
    return { toolCall: { index: this.#calls++, id: this.#newId(), name, arguments: "" } };
  }
}

/** The name in `{"name": "…"`; the text itself where it is none, so that it stays visible. */
function nameIn(head: string): string {
  try {
    return (JSON.parse(`${head.trim()}}`) as { name: string }).name;
  } catch {
    return head.trim();
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
