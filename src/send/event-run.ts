import { knownElsewhere, lookElsewhere } from "../contract/address.ts";
import { noteAttempts } from "../contract/attempts.ts";
import type { Buffered } from "../contract/buffered.ts";
import { type Head, headOf } from "../contract/head.ts";
import { type EventStream, type Purpose, whenOver } from "../contract/layer.ts";
import type { ChunkReading, Draft, Provider, ProviderTypes } from "../contract/provider.ts";
import { Received, type ReceivedNotes } from "../contract/received.ts";
import { ConnectionError, ResponseError, TimeoutError } from "../errors/errors.ts";
import { typedFailure } from "../errors/failure.ts";
import { loadPrices } from "../money/cost.ts";
import type { Definition, Plan } from "../prepare/prepare.ts";
import { ChunkSource, type Interruption } from "./chunk-source.ts";
import { FailedRequest } from "./failed-request.ts";
import type { Reader } from "./reader.ts";
import { readBySdk } from "./sdk-reader.ts";
import { type Sending, sendOptions } from "./send.ts";
import { untriedReason } from "./signals.ts";
import type { SeenAnswer } from "./spent.ts";

/** Milliseconds a stream may stay silent unless `idleTimeout` says otherwise; what Node's own `fetch` allows a body. */
export const defaultIdleTimeout = 300_000;

/** What an event said when it was folded, where a layer may have kept it back, changed it or left it out. */
export interface Fold<P extends ProviderTypes> {
  readonly run: EventRun<P>;
  readonly index: number;
  readonly reading: ChunkReading<P>;
}

/** @internal The events of a request, and the run that folded them. */
export interface FoldedEvents<P extends ProviderTypes> {
  events: EventStream | undefined;
  /** The request that was sent last; `undefined` where a layer answers by itself. */
  run: EventRun<P> | undefined;
  /** Set where layers may do with events what they like. */
  folds: WeakMap<object, Fold<P>> | undefined;
}

/** @internal Said of a stream that was left before its end. */
export const left: unique symbol = Symbol("left");

interface RunOptions<P extends ProviderTypes> {
  readonly call: Definition<P>;
  readonly plan: Plan<P>;
  readonly purpose: Purpose;
  readonly reader: Reader;
  readonly sent: Sending;
  readonly folds: WeakMap<object, Fold<P>> | undefined;
}

/**
 * One streamed request: sent when the first event is asked for, each event folded once, and every way in which it can
 * fail to come to its proper end a typed error, thrown here, inside of all layers.
 */
export class EventRun<P extends ProviderTypes>
  implements EventStream, AsyncIterator<P["Chunk"], undefined>, Buffered<P["Chunk"]>
{
  readonly draft: Draft<P> = { response: undefined, calls: [], done: false };
  /** What the last event said. */
  reading: ChunkReading<P> = { content: "" };
  event: P["Chunk"] | undefined;
  head: Head | undefined;
  /** Why no list's price holds for it. */
  unpriced: string | undefined;
  startTime: number | undefined;
  endTime: number | undefined;
  /** True once a stream came of the request. */
  opened = false;
  /** True once the answer is whole. */
  ended = false;
  readonly #options: RunOptions<P>;
  #source: ChunkSource<P["Chunk"]> | undefined;
  #count = 0;
  #over = false;
  #hearers: ((error: unknown) => void)[] | undefined;

  constructor(options: RunOptions<P>) {
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<P["Chunk"], undefined>> {
    if (this.#over) return { done: true, value: undefined };
    try {
      const source = this.#source ?? (await this.#open());
      return this.#take(await source.next());
    } catch (error) {
      const failure = this.#fail(error);
      this.#tell(failure ?? left);
      throw failure;
    }
  }

  readonly [whenOver] = (hear: (error: unknown) => void): void => {
    this.#hearers ??= [];
    this.#hearers.push(hear);
  };

  #tell(error: unknown): void {
    const hearers = this.#hearers;
    this.#hearers = undefined;
    if (hearers !== undefined) for (const hear of hearers) hear(error);
  }

  nextNow(): IteratorResult<P["Chunk"], undefined> | undefined {
    if (this.#over || this.#source === undefined) return undefined;
    try {
      const step = this.#source.nextNow();
      return step && this.#take(step);
    } catch (error) {
      const failure = this.#fail(error);
      this.#tell(failure ?? left);
      throw failure;
    }
  }

  get ready(): (() => Promise<void>) | undefined {
    return this.#over ? undefined : this.#source?.ready;
  }

  #take(step: IteratorResult<P["Chunk"], undefined>): IteratorResult<P["Chunk"], undefined> {
    if (step.done) {
      this.#checkEnd(this.#source?.interruption);
      this.ended = true;
      this.#finish();
      this.#tell(undefined);
      return { done: true, value: undefined };
    }
    const event = step.value as P["Chunk"];
    this.event = event;
    this.reading = this.#options.call.provider.readChunk(event, this.draft);
    this.#options.folds?.set(event, { run: this, index: this.#count++, reading: this.reading });
    return step;
  }

  /** What is to be told of the answer, beside `head`. */
  get notes(): ReceivedNotes | undefined {
    return this.unpriced === undefined ? undefined : { unpriced: this.unpriced };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.leave();
    return { done: true, value: undefined };
  }

  /** Closes the connection at once. */
  leave(): void {
    if (this.#over) return;
    this.#finish();
    this.#tell(left);
  }

  /** True where we stopped it. */
  get interrupted(): boolean {
    return this.#source?.interruption !== undefined;
  }

  /** What was received so far. */
  get answer(): SeenAnswer<P> | undefined {
    const { call, plan, reader } = this.#options;
    const { response } = this.draft;
    if (response === undefined) return undefined;
    const { startTime = 0, endTime = Date.now(), head, unpriced } = this;
    return reader.answer(call, plan, new Received<P>({ response, startTime, endTime, head, unpriced }), !this.ended);
  }

  async #open(): Promise<ChunkSource<P["Chunk"]>> {
    const { call, plan, sent } = this.#options;
    const { signal, timeout } = sent;
    if (signal?.aborted) throw untriedReason(signal);
    const { idleTimeout = defaultIdleTimeout } = call.sending ?? {};
    const source = new ChunkSource<P["Chunk"]>({ signal, timeout, idleTimeout });
    this.#source = source;
    const prices = loadPrices();
    await source.open(async (stop) => {
      const wire = (sent.standIn ?? call.provider) as Provider<P>;
      const client = await wire.client(plan.client);
      this.unpriced = knownElsewhere.get(client) ?? (await lookElsewhere(wire, client)) ?? undefined;
      stop.throwIfAborted();
      this.startTime = Date.now();
      sent.onSent?.();
      const sending = wire.stream(client, plan.prepared.request, sendOptions(stop, sent), (head) => {
        this.head = head;
      });
      const events = await sending;
      const http = "asResponse" in sending ? await sending.asResponse?.() : undefined;
      if (http === undefined) return events;
      this.head ??= headOf(http.headers);
      if (call.sending?.reader === "sdk" || readBySdk.has(client)) return events;
      return wire.readEvents?.(events, http) ?? events;
    });
    await prices;
    this.opened = true;
    return source;
  }

  #checkEnd(interruption: Interruption | undefined): void {
    // The SDKs of most providers end an aborted stream as if it were whole.
    if (interruption !== undefined) throw interruption;
    if (this.draft.done) return;
    const { reader, call } = this.#options;
    const message = `The stream of ${call.provider.name} ended before the answer was whole.`;
    throw reader.broken("stream_ended_early", message, this.answer);
  }

  #finish(): void {
    this.#over = true;
    this.endTime = Date.now();
    this.#source?.close(this.ended);
  }

  #fail(error: unknown): unknown {
    if (!this.#over) this.#finish();
    const failure = this.#failure(error, this.#source?.interruption);
    const { startTime, answer: partial, unpriced } = this;
    const { call, plan } = this.#options;
    const money = { provider: call.provider, prices: call.sending?.prices, unpriced };
    noteAttempts(
      failure,
      startTime === undefined ? [] : [new FailedRequest<P>(failure, plan, { ...money, startTime, partial })],
    );
    return failure;
  }

  #failure(error: unknown, interruption: Interruption | undefined): unknown {
    const { reader, call } = this.#options;
    const { name } = call.provider;
    // The SDK's own error, where it had one; else ours.
    const cause = error === interruption ? {} : { cause: error };
    if (interruption?.by === "signal") return error === interruption ? interruption.reason : error;
    if (interruption?.by === "timeout") {
      return new TimeoutError(`No whole answer within ${interruption.ms} ms.`, interruption.ms, cause);
    }
    if (interruption?.by === "idle") {
      const message = `The stream of ${name} was silent for ${interruption.ms} ms.`;
      return reader.broken("stream_stalled", message, this.answer, cause);
    }
    const typed = typedFailure(name, error);
    const ours = typed instanceof ConnectionError || typed instanceof ResponseError;
    if (!ours || this.draft.response === undefined) return typed;
    return reader.broken("stream_broken", (typed as Error).message, this.answer, { cause: error });
  }
}
