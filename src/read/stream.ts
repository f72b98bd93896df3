import { knownElsewhere, lookElsewhere } from "../contract/address.ts";
import type { Draft, ProviderTypes } from "../contract/provider.ts";
import { ConnectionError, ResponseError, TimeoutError } from "../errors/errors.ts";
import { typedFailure } from "../errors/failure.ts";
import type { Message } from "../message/parts.ts";
import { loadPrices, type PriceSource } from "../money/cost.ts";
import type { Definition, Plan } from "../prepare/prepare.ts";
import { ChunkSource, type Interruption } from "../send/chunk-source.ts";
import { sendOptions } from "../send/send.ts";
import type { Tool } from "../tools/tool.ts";
import type { ToolOutcome } from "../tools/tool-output.ts";
import type { ToolUse } from "../tools/use.ts";
import { CallResponse } from "./response.ts";
import { type Spent, spentOn } from "./spent.ts";
import { StreamChunk } from "./stream-chunk.ts";
import { StreamError } from "./stream-error.ts";
import { type PartialToolUse, ToolEmitter } from "./tool-emitter.ts";

export type { Spent };

/** Milliseconds a stream may stay silent unless `idleTimeout` says otherwise; what Node's own `fetch` allows a body. */
export const defaultIdleTimeout = 300_000;

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
  implements AsyncIterable<StreamStep<P, T, Partials>>
{
  readonly #call: Definition<P>;
  readonly #begin: () => Promise<Plan<P>>;
  readonly #draft: Draft<P> = { response: undefined, calls: [], done: false };
  #plan: Plan<P> | undefined;
  #prices: PriceSource | undefined;
  #elsewhere: string | null | undefined;
  #state: "new" | "running" | "finished" | "broken" = "new";
  /** True where no stream came of the request. */
  #refused = false;
  #startTime: number | undefined;
  #endTime: number | undefined;
  #response: CallResponse<P, T> | undefined;

  /** @internal */
  constructor(call: Definition<P>, begin: () => Promise<Plan<P>>) {
    this.#call = call;
    this.#begin = begin;
  }

  [Symbol.asyncIterator](): AsyncIterator<StreamStep<P, T, Partials>, undefined> {
    // The steps are typed by the tools that were offered; at run time they are matched by name.
    return this.#iterate(true) as AsyncIterator<StreamStep<P, T, Partials>, undefined>;
  }

  /** @internal The same without binding the tool calls, for readers that do so themselves. */
  chunks(): AsyncIterable<[StreamChunk<P>, unknown]> {
    return this.#iterate(false);
  }

  async *#iterate(bind: boolean): AsyncGenerator<[StreamChunk<P>, unknown], undefined> {
    if (this.#state !== "new") {
      throw new StreamError("stream_consumed", "A stream can be iterated once: call the function again for another.");
    }
    this.#state = "running";
    const { provider, sending } = this.#call;
    const { signal, timeout, idleTimeout = defaultIdleTimeout } = sending ?? {};
    signal?.throwIfAborted();
    const plan = await this.#begin();
    const client = await provider.client(plan.client);
    this.#elsewhere = knownElsewhere.get(client) ?? (await lookElsewhere(provider, client));
    signal?.throwIfAborted();
    const prices = loadPrices();
    const source = new ChunkSource<P["Chunk"]>({ signal, timeout, idleTimeout });
    const emitter = bind ? this.#emitter(plan) : undefined;
    this.#plan = plan;
    this.#startTime = Date.now();
    try {
      await source.open((stop) => provider.stream(client, plan.prepared.request, sendOptions(stop, sending)));
      this.#prices = await prices;
      let chunk: StreamChunk<P> | undefined;
      for (let step = await source.next(); !step.done; step = await source.next()) {
        chunk = new StreamChunk<P>(step.value, provider.readChunk(step.value, this.#draft));
        yield [chunk, emitter?.next()];
      }
      this.#checkEnd(source.interruption);
      this.#state = "finished";
      for (const tool of emitter?.rest() ?? []) yield [StreamChunk.after(chunk), tool];
    } catch (error) {
      this.#refused = this.#prices === undefined && source.interruption === undefined;
      throw this.#failure(error, source.interruption);
    } finally {
      this.#endTime = Date.now();
      source.close(this.#state === "finished");
      if (this.#state === "running") this.#state = "broken";
    }
  }

  /** The text so far. */
  get content(): string {
    return this.partialResponse?.content ?? "";
  }

  /** The thoughts so far. */
  get thinking(): string | undefined {
    return this.partialResponse?.thinking;
  }

  get finishReasons(): readonly P["FinishReason"][] | undefined {
    return this.partialResponse?.finishReasons;
  }

  /** The model as the provider echoes it, else the one that was asked. */
  get model(): string {
    return this.partialResponse?.model ?? this.#call.model;
  }

  get id(): string | undefined {
    return this.partialResponse?.id;
  }

  /** The SDK's usage object, once it has come. */
  get usage(): P["Usage"] | undefined {
    return this.partialResponse?.usage;
  }

  get inputTokens(): number | undefined {
    return this.partialResponse?.inputTokens;
  }

  get outputTokens(): number | undefined {
    return this.partialResponse?.outputTokens;
  }

  /** US dollars of a finished stream; `undefined` before, and where no price is certain. See `spent` for a broken one. */
  get cost(): number | undefined {
    return this.#state === "finished" ? this.partialResponse?.cost : undefined;
  }

  /**
   * What it has cost so far, also when it was aborted: the provider's figures, or an estimate that says it is one.
   * `undefined` before the request left, and where it was refused.
   */
  get spent(): Spent | undefined {
    if (this.#plan === undefined || this.#refused) return undefined;
    const response = this.partialResponse;
    const elsewhere = this.#elsewhere;
    const money = { list: this.#prices, prices: this.#call.sending?.prices, provider: this.#call.provider, elsewhere };
    return spentOn(this.#plan, response, this.#state === "finished", money);
  }

  /** Epoch milliseconds, just before the request left. */
  get startTime(): number | undefined {
    return this.#startTime;
  }

  /** Epoch milliseconds, when the stream ended, however it did. */
  get endTime(): number | undefined {
    return this.#endTime;
  }

  /** The assistant's turn of a finished stream, to be sent back as it is. Throws `StreamError` before. */
  get messageParam(): P["AssistantMessage"] {
    return this.constructCallResponse().messageParam;
  }

  /** The same in neutral form. */
  get message(): Message {
    return this.constructCallResponse().message;
  }

  /** The tool results as messages of this provider, as on the response. */
  toolMessageParams(outcomes: readonly ToolOutcome<ToolUse<P, T>>[]): P["ToolMessage"][] {
    return this.constructCallResponse().toolMessageParams(outcomes);
  }

  /** The whole answer as a call without a stream would have given it. Throws `StreamError` until the stream has ended. */
  constructCallResponse(): CallResponse<P, T> {
    if (this.#state === "finished") return this.partialResponse as CallResponse<P, T>;
    const partial = this.partialResponse;
    throw new StreamError("stream_unfinished", "The stream has not come to its end.", partial);
  }

  /** What was received so far, in the form of a response; `undefined` before the first event. Its `cost` is. */
  get partialResponse(): CallResponse<P, T> | undefined {
    const { response } = this.#draft;
    if (response === undefined || this.#plan === undefined || this.#prices === undefined) return undefined;
    if (this.#response !== undefined) return this.#response;
    const finished = this.#state === "finished";
    const times = { startTime: this.#startTime ?? 0, endTime: this.#endTime ?? Date.now() };
    const sent = { response, ...times, prices: this.#prices, elsewhere: this.#elsewhere };
    const made = new CallResponse<P, T>(this.#call, this.#plan, sent, { partial: !finished });
    if (finished) this.#response = made;
    return made;
  }

  toString(): string {
    return this.content;
  }

  /** @internal What the structured stream reads beside the chunks. */
  get draft(): Draft<P> {
    return this.#draft;
  }

  /** @internal */
  get plan(): Plan<P> | undefined {
    return this.#plan;
  }

  #emitter(plan: Plan<P>): ToolEmitter<P> {
    const output = plan.prepared.output;
    return new ToolEmitter<P>({
      provider: this.#call.provider,
      draft: this.#draft,
      offered: plan,
      hidden: output?.mode === "tool" ? output.name : undefined,
      partial: this.#call.partialTools,
      response: () => this.partialResponse,
    });
  }

  #checkEnd(interruption: Interruption | undefined): void {
    // The SDKs of most providers end an aborted stream as if it were whole.
    if (interruption !== undefined) throw interruption;
    if (this.#draft.done) return;
    const { name } = this.#call.provider;
    throw new StreamError(
      "stream_ended_early",
      `The stream of ${name} ended before the answer was whole.`,
      this.partialResponse,
    );
  }

  #failure(error: unknown, interruption: Interruption | undefined): unknown {
    const { name } = this.#call.provider;
    // The SDK's own error, where it had one; else ours.
    const cause = error === interruption ? {} : { cause: error };
    if (interruption?.by === "signal") return error === interruption ? interruption.reason : error;
    if (interruption?.by === "timeout") {
      return new TimeoutError(`No whole answer within ${interruption.ms} ms.`, interruption.ms, cause);
    }
    if (interruption?.by === "idle") {
      const message = `The stream of ${name} was silent for ${interruption.ms} ms.`;
      return new StreamError("stream_stalled", message, this.partialResponse, cause);
    }
    const typed = typedFailure(name, error);
    const ours = typed instanceof ConnectionError || typed instanceof ResponseError;
    if (!ours || this.#draft.response === undefined) return typed;
    return new StreamError("stream_broken", (typed as Error).message, this.partialResponse, { cause: error });
  }
}
