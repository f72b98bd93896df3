import type { ProviderTypes } from "../contract/provider.ts";
import { ConfigError } from "../errors/errors.ts";
import type { ToolLoopEvent, ToolLoopRun } from "../loop/types.ts";
import type { CallResponse } from "../read/response.ts";
import { Stream } from "../read/stream.ts";
import type { StreamChunk } from "../read/stream-chunk.ts";
import { StructuredStream } from "../structured/structured-stream.ts";
import type { Tool } from "../tools/tool.ts";

/** What can be sent to a browser: a stream, a structured stream, or a run of a tool loop. */
export type Streamed<P extends ProviderTypes, T extends Tool> =
  | Stream<P, T, boolean>
  | StructuredStream<P, unknown, unknown>
  | ToolLoopRun<P, T>;

/** What happens in any of them, in words of its own. */
export type Piece =
  | { readonly type: "text" | "thinking"; readonly text: string }
  | { readonly type: "audio"; readonly data: Uint8Array }
  | { readonly type: "value"; readonly value: unknown }
  | { readonly type: "tool_delta"; readonly id: string; readonly name: string; readonly text: string }
  | { readonly type: "tool_call"; readonly id: string; readonly name: string; readonly input: unknown }
  | {
      readonly type: "tool_result";
      readonly id: string;
      readonly name: string;
      readonly output: unknown;
      readonly isError: boolean;
    }
  /** An answer has come whole: in a loop one of several. */
  | { readonly type: "answer"; readonly response: CallResponse };

/** A tool call as the steps of a stream show it: whole, or growing. */
interface AnyUse {
  readonly name: string;
  readonly id: string;
  readonly args: unknown;
  readonly delta?: string;
}

/** The pieces of a source, those of one event together. Leaving it leaves the source at once. */
export class Pieces implements AsyncIterator<readonly Piece[], undefined> {
  readonly #events: AsyncIterator<unknown>;
  readonly #read: (event: unknown) => Piece[];
  readonly #end: () => Piece[];
  #ended = false;
  /** The ids given to calls that have none of their own: how many, and those whose result has not come. */
  #unnamed = 0;
  readonly #waiting: string[] = [];
  /** True once a loop has shown its answers in pieces. */
  #chunked = false;

  constructor(source: object) {
    if (source instanceof Stream) {
      this.#read = (event) => this.#ofStep(event as [StreamChunk<ProviderTypes>, AnyUse | undefined]);
      this.#end = () => [{ type: "answer", response: source.constructCallResponse() }];
    } else if (source instanceof StructuredStream) {
      this.#read = (value) => [{ type: "value", value }];
      this.#end = () => [{ type: "answer", response: source.response }];
    } else if (isRun(source)) {
      this.#read = (event) => this.#ofEvent(event as ToolLoopEvent<ProviderTypes, Tool>);
      this.#end = () => [];
    } else {
      throw new ConfigError("A response is made of a stream, a structured stream or a run of a tool loop.");
    }
    this.#events = (source as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  }

  async next(): Promise<IteratorResult<readonly Piece[], undefined>> {
    if (this.#ended) return { done: true, value: undefined };
    const step = await this.#events.next();
    // It was left while an event was waited for.
    if (this.#ended) return { done: true, value: undefined };
    if (!step.done) return { done: false, value: this.#read(step.value) };
    this.#ended = true;
    return { done: false, value: this.#end() };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#ended = true;
    await this.#events.return?.();
    return { done: true, value: undefined };
  }

  #ofStep([chunk, use]: [StreamChunk<ProviderTypes>, AnyUse | undefined]): Piece[] {
    const pieces = ofChunk(chunk);
    if (use === undefined) return pieces;
    const { name, delta } = use;
    const id = use.id || `call-${this.#unnamed}`;
    if (delta !== undefined) pieces.push({ type: "tool_delta", id, name, text: delta });
    else {
      if (use.id === "") this.#unnamed++;
      pieces.push({ type: "tool_call", id, name, input: inputOf(use) });
    }
    return pieces;
  }

  #ofEvent(event: ToolLoopEvent<ProviderTypes, Tool>): Piece[] {
    switch (event.type) {
      case "chunk":
        this.#chunked = true;
        return ofChunk(event.chunk);
      case "response":
        return [...this.#ofWhole(event.response), { type: "answer", response: event.response as CallResponse }];
      case "tool_call": {
        const use = event.use as unknown as AnyUse;
        const id = use.id || `call-${this.#unnamed++}`;
        if (use.id === "") this.#waiting.push(id);
        return [{ type: "tool_call", id, name: use.name, input: inputOf(use) }];
      }
      case "tool_result":
        return [event.id === "" ? { ...event, id: this.#waiting.shift() ?? "" } : event];
    }
  }

  /** Of a loop that does not stream its answers: all of one at once. */
  #ofWhole({ content, thinking, audio }: CallResponse<ProviderTypes, Tool>): Piece[] {
    if (this.#chunked) return [];
    const pieces: Piece[] = [];
    if (thinking) pieces.push({ type: "thinking", text: thinking });
    if (content !== "") pieces.push({ type: "text", text: content });
    if (audio !== undefined) pieces.push({ type: "audio", data: audio });
    return pieces;
  }
}

function ofChunk({ content, thinking, audio }: StreamChunk<ProviderTypes>): Piece[] {
  const pieces: Piece[] = [];
  if (thinking) pieces.push({ type: "thinking", text: thinking });
  if (content !== "") pieces.push({ type: "text", text: content });
  if (audio !== undefined) pieces.push({ type: "audio", data: audio });
  return pieces;
}

// Arguments that do not fit are told to the model; whoever watches sees what it wrote.
function inputOf(use: AnyUse): unknown {
  try {
    return use.args;
  } catch {
    const { raw } = use as { raw?: { input?: unknown } };
    return raw?.input;
  }
}

function isRun(source: unknown): boolean {
  return (
    source instanceof Promise &&
    typeof (source as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator] === "function"
  );
}
