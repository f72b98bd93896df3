import type { Draft, ProviderTypes } from "../contract/provider.ts";
import type { Plan, Prepared } from "../prepare/prepare.ts";
import type { Spent } from "../send/spent.ts";
import type { Tool } from "../tools/tool.ts";
import type { ToolUse } from "../tools/use.ts";
import { AnswerSoFar } from "./answer-so-far.ts";
import type { StreamSource } from "./reception.ts";
import type { CallResponse } from "./response.ts";
import type { StreamChunk } from "./stream-chunk.ts";
import { StreamError } from "./stream-error.ts";
import type { PartialToolUse } from "./tool-emitter.ts";

export type { Spent };

/** One step of a stream: the event, and the tool call it completed (or, if asked for, the one it added to). */
export type StreamStep<P extends ProviderTypes, T extends Tool, Partials extends boolean = false> = [
  chunk: StreamChunk<P>,
  tool: ToolUse<P, T> | (Partials extends true ? PartialToolUse<P, T> : never) | undefined,
];

/**
 * An answer as it comes. Nothing is sent until it is iterated, and it is iterated once. Leaving the loop closes the
 * connection. A stream that does not come to its proper end throws; what was received of it stays readable here.
 */
export class Stream<P extends ProviderTypes = ProviderTypes, T extends Tool = Tool, Partials extends boolean = false>
  extends AnswerSoFar<P, T>
  implements AsyncIterable<StreamStep<P, T, Partials>>
{
  readonly #reception: StreamSource<P, T>;

  /** @internal */
  constructor(source: StreamSource<P, T>) {
    super();
    this.#reception = source;
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamStep<P, T, Partials>, undefined> {
    // The steps are typed by the tools that were offered; at run time they are matched by name.
    return this.#iterate(true) as AsyncIterator<StreamStep<P, T, Partials>, undefined>;
  }

  /** @internal The same without binding the tool calls, for readers that do so themselves. */
  chunks(): AsyncIterable<[StreamChunk<P>, unknown]> {
    return { [Symbol.asyncIterator]: () => this.#iterate(false) };
  }

  /** @internal Leaves the stream: the connection is closed at once, also while an event is waited for. */
  leave(): void {
    this.#reception.leave();
  }

  #iterate(bind: boolean): AsyncIterator<[StreamChunk<P>, unknown], undefined> {
    if (this.#reception.state !== "new") return { next: () => Promise.reject(consumed()) };
    this.#reception.start(bind);
    return this.#reception;
  }

  /** The model as the provider echoes it, else the one that was asked. */
  get model(): string {
    return this.#reception.response?.model ?? this.#reception.call.model;
  }

  /** The provider that answers. */
  get provider(): string {
    return this.#reception.call.provider.name;
  }

  /** US dollars of a finished stream; `undefined` before, and where no price is certain. See `spent` for a broken one. */
  get cost(): number | undefined {
    return this.#reception.state === "finished" ? this.#reception.response?.cost : undefined;
  }

  /**
   * What it has cost so far, also when it was aborted: the provider's figures, or an estimate that says it is one.
   * `undefined` before the request left, and where it was refused.
   */
  get spent(): Spent | undefined {
    return this.#reception.spent;
  }

  /** Epoch milliseconds, just before the request left. */
  get startTime(): number | undefined {
    return this.#reception.startTime;
  }

  /** Epoch milliseconds, when the stream ended, however it did. */
  get endTime(): number | undefined {
    return this.#reception.endTime;
  }

  /** The whole answer as a call without a stream would have given it. Throws `StreamError` until the stream has ended. */
  override constructCallResponse(): CallResponse<P, T> {
    const { response, state } = this.#reception;
    if (state === "finished") return response as CallResponse<P, T>;
    throw new StreamError("stream_unfinished", "The stream has not come to its end.", response as CallResponse);
  }

  /** What was received so far, in the form of a response; `undefined` before the first event. */
  get partialResponse(): CallResponse<P, T> | undefined {
    return this.#reception.response;
  }

  override toString(): string {
    return this.content;
  }

  /** @internal What the structured stream reads beside the chunks. */
  get draft(): Draft<P> {
    return this.#reception.draft;
  }

  /** @internal */
  get plan(): Plan<P> | undefined {
    return this.#reception.plan;
  }

  protected override get received(): CallResponse<P, T> | undefined {
    if (this.#reception.state !== "new") return this.#reception.response;
    const message =
      "Nothing was asked for yet: a stream is sent when it is iterated, `for await (const [chunk] of stream)`.";
    throw new StreamError("stream_unfinished", message);
  }

  protected override get sent(): Prepared<P> | undefined {
    return this.#reception.plan?.prepared;
  }
}

function consumed(): StreamError {
  return new StreamError("stream_consumed", "A stream can be iterated once: call the function again for another.");
}
