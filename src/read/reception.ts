import { innermost, type MaybeBuffered } from "../contract/buffered.ts";
import { isWhole, type Purpose } from "../contract/layer.ts";
import { LazyModule } from "../contract/lazy-module.ts";
import type { ChunkReading, Draft, ProviderTypes } from "../contract/provider.ts";
import type { Definition, Plan } from "../prepare/prepare.ts";
import { startDeadline, type Timed } from "../send/deadline.ts";
import type { FoldedEvents } from "../send/event-run.ts";
import { joinSignals } from "../send/signals.ts";
import type { Spent } from "../send/spent.ts";
import type { Tool } from "../tools/tool.ts";
import type { CallResponse } from "./response.ts";
import { StreamChunk } from "./stream-chunk.ts";
import { StreamError } from "./stream-error.ts";
import type { ToolEmitter } from "./tool-emitter.ts";
import { readWhole } from "./whole-event.ts";

type Receiving = typeof import("./receiving.ts");
// Loaded with the first stream of the program.
const receiving = /* @__PURE__ */ new LazyModule(() => import("./receiving.ts"));

/** An event, and the tool call that it completed. */
export type Step<P extends ProviderTypes> = [StreamChunk<P>, unknown];

/** Where the steps of a stream come from: one request, or the first of several that has an event. */
export interface StreamSource<P extends ProviderTypes, T extends Tool> extends AsyncIterator<Step<P>, undefined> {
  readonly state: "new" | "running" | "finished" | "broken";
  /** The call that answers. */
  readonly call: Definition<P>;
  readonly plan: Plan<P> | undefined;
  /** What is being received. */
  readonly draft: Draft<P>;
  /** What was received so far, in the form of a response. */
  readonly response: CallResponse<P, T> | undefined;
  /** What it has cost so far; `undefined` where nothing was sent, nor given in its place. */
  readonly spent: Spent | undefined;
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  /** Begins to read. With `bind` the tool calls come with the events that complete them. */
  start(bind: boolean): void;
  /** Leaves the stream: the connection is closed at once, also while an event is waited for. */
  leave(): void;
}

/** What a stream is made of: its call, and where its messages come from. */
export interface ReceptionOptions<P extends ProviderTypes> {
  readonly call: Definition<P>;
  readonly begin: (call: Definition<P>) => Promise<Plan<P>>;
  readonly purpose: Purpose;
}

/** @internal The reading of one stream: its events become steps, and what was received is kept, however it ends. */
export class Reception<P extends ProviderTypes, T extends Tool> implements StreamSource<P, T> {
  state: StreamSource<P, T>["state"] = "new";
  plan: Plan<P> | undefined;
  endTime: number | undefined;
  readonly #options: ReceptionOptions<P>;
  // Made where layers may wait for something.
  #left: AbortController | undefined;
  #timed: Timed<P> | undefined;
  #folded: FoldedEvents<P> | undefined;
  #events: MaybeBuffered | undefined;
  #began: number | undefined;
  #bind = false;
  #emitter: ToolEmitter<P> | undefined;
  #rest: Iterator<unknown> | undefined;
  #chunk: StreamChunk<P> | undefined;
  #own: Draft<P> | undefined;
  #count = 0;
  #shown: object[] | undefined;
  #last: Promise<IteratorResult<Step<P>, undefined>> | undefined;
  #unanswered = 0;
  #response: CallResponse<P, T> | undefined;

  constructor(options: ReceptionOptions<P>) {
    this.#options = options;
  }

  get call(): Definition<P> {
    return this.#options.call;
  }

  start(bind: boolean): void {
    this.state = "running";
    this.#bind = bind;
  }

  next(): Promise<IteratorResult<Step<P>, undefined>> {
    const now = this.#unanswered === 0 ? this.#stepNow() : undefined;
    if (now !== undefined) return now;
    this.#unanswered++;
    // Whoever asks twice is answered in turn.
    this.#last =
      this.#last === undefined
        ? this.#step()
        : this.#last.then(
            () => this.#step(),
            () => this.#step(),
          );
    return this.#last;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.leave();
    return { done: true, value: undefined };
  }

  leave(): void {
    if (this.state === "finished" || this.state === "broken") return;
    this.#end("broken");
    this.#abandon();
    this.#events?.return?.().catch(ignore);
  }

  #abandon(): void {
    this.#left?.abort(new DOMException("The stream was left.", "AbortError"));
    this.#folded?.run?.leave();
  }

  get draft(): Draft<P> {
    return this.#own ?? this.#folded?.run?.draft ?? emptyDraft<P>();
  }

  /** False where no stream came of the request. */
  get opened(): boolean {
    return this.#folded?.run?.opened ?? this.#own !== undefined;
  }

  get spent(): Spent | undefined {
    const { plan, response, state } = this;
    if (plan === undefined || !this.#sent) return undefined;
    const { provider, sending } = this.call;
    const money = { provider, prices: sending?.prices, unpriced: this.#folded?.events?.notes?.unpriced };
    return receiving.loaded?.spentOn(plan, response, state === "finished", money);
  }

  /** True where something was sent, or given in its place. */
  get #sent(): boolean {
    const run = this.#folded?.run;
    return run === undefined ? this.#own !== undefined : run.startTime !== undefined && (run.opened || run.interrupted);
  }

  get startTime(): number | undefined {
    return this.#folded?.events?.notes?.startTime ?? this.#folded?.run?.startTime ?? this.#began;
  }

  get response(): CallResponse<P, T> | undefined {
    if (this.#response !== undefined) return this.#response;
    const { response } = this.draft;
    const { plan } = this;
    const { loaded: parts } = receiving;
    if (response === undefined || plan === undefined || parts === undefined || !this.opened) return undefined;
    const { startTime = 0, endTime = Date.now() } = this;
    const { head, notes } = this.#folded?.events ?? {};
    const came = { response, startTime, endTime, head, ...notes, reading: undefined };
    const whole = this.state === "finished";
    const made = new parts.CallResponse<P, T>(this.#options.call, plan, came, { partial: !whole });
    if (whole) this.#response = made;
    return made;
  }

  /** What is there already: several events that came together cost one wait. */
  #stepNow(): Promise<IteratorResult<Step<P>, undefined>> | undefined {
    if (this.state !== "running" || this.#events?.nextNow === undefined) return undefined;
    try {
      const step = this.#events.nextNow();
      return step && Promise.resolve(this.#take(step));
    } catch (error) {
      return Promise.reject(this.#broken(error));
    }
  }

  async #step(): Promise<IteratorResult<Step<P>, undefined>> {
    if (this.state === "broken") return { done: true, value: undefined };
    try {
      if (this.#rest !== undefined) return this.#take({ done: true, value: undefined });
      const events = this.#events ?? (await this.#open());
      let step: IteratorResult<object> | undefined;
      // What tells when it has more is asked without a promise at each place on the way.
      while (step === undefined && events.ready !== undefined) {
        await events.ready();
        if (this.state === ("broken" as string)) return { done: true, value: undefined };
        step = events.nextNow?.();
      }
      step ??= await events.next();
      // Layers that only wait for the end stand aside from the first event on.
      if (this.#count === 0) this.#events = innermost(events);
      return this.#take(step);
    } catch (error) {
      // It was left while an event was waited for: nobody is there to be told.
      if (this.state === ("broken" as string)) return { done: true, value: undefined };
      throw this.#broken(error);
    } finally {
      if (--this.#unanswered === 0) this.#last = undefined;
    }
  }

  /** The step that an event makes; after the last one, the tools that only the end completes. */
  #take(step: IteratorResult<object>): IteratorResult<Step<P>, undefined> {
    if (!step.done) return { done: false, value: this.#read(step.value) };
    if (this.#rest === undefined) {
      this.#checkEnd();
      this.#end("finished");
      this.#rest = this.#emitter?.rest() ?? [][Symbol.iterator]();
    }
    const { done, value } = this.#rest.next();
    return done ? { done: true, value: undefined } : { done: false, value: [StreamChunk.after(this.#chunk), value] };
  }

  #broken(error: unknown): unknown {
    const thrown = this.#timed?.blame(error) ?? error;
    if (this.state === "running") this.#end("broken");
    return thrown;
  }

  async #open(): Promise<MaybeBuffered> {
    const { call: defined, begin, purpose } = this.#options;
    this.#timed = startDeadline(defined);
    const call = this.#timed?.call ?? defined;
    const { signal } = call.sending ?? {};
    signal?.throwIfAborted();
    const plan = await begin(call);
    this.plan = plan;
    this.#began = Date.now();
    // What a layer waits for ends when the stream is left; without layers nothing but the connection has to.
    const layered = call.layers !== undefined && call.layers.stream.length > 0;
    if (layered) this.#left = new AbortController();
    const parts = receiving.loaded ?? (await receiving.load());
    const folded = parts.receiveEvents(call, plan, purpose, parts.reader, joinSignals(signal, this.#left?.signal));
    this.#folded = folded;
    // It was left while the prompt was written.
    if (this.state === "broken") this.#abandon();
    this.#emitter = this.#bind ? this.#emitterOf(plan, parts) : undefined;
    this.#events = folded.events?.[Symbol.asyncIterator]();
    return this.#events as MaybeBuffered;
  }

  #read(event: P["Chunk"]): Step<P> {
    const chunk = new StreamChunk<P>(event, this.#readingOf(event));
    this.#chunk = chunk;
    return [chunk, this.#emitter?.next()];
  }

  /** What the event said: as it was folded when it came, or folded here where a layer made or changed it. */
  #readingOf(event: P["Chunk"]): ChunkReading<P> {
    const { run, folds } = this.#folded as FoldedEvents<P>;
    const { provider } = this.#options.call;
    const index = this.#count++;
    if (this.#own === undefined) {
      if (run !== undefined && folds === undefined && run.event === event) return run.reading;
      const fold = folds?.get(event);
      if (folds !== undefined) this.#shown ??= [];
      if (fold !== undefined && fold.run === run && fold.index === index) {
        this.#shown?.push(event);
        return fold.reading;
      }
      this.#own = emptyDraft();
      for (const earlier of this.#shown ?? []) provider.readChunk(earlier, this.#own);
      this.#shown = undefined;
    }
    return isWhole(event) ? readWhole(provider, event, this.#own) : provider.readChunk(event, this.#own);
  }

  #checkEnd(): void {
    const run = this.#folded?.run;
    if (this.#own === undefined ? run?.ended : this.#own.done) return;
    const { name } = this.#options.call.provider;
    const message = `The stream of ${name} ended before the answer was whole.`;
    throw new StreamError("stream_ended_early", message, this.response as CallResponse | undefined);
  }

  #end(state: "finished" | "broken"): void {
    this.state = state;
    this.endTime = this.#folded?.events?.notes?.endTime ?? this.#folded?.run?.endTime ?? Date.now();
    this.#timed?.clear();
  }

  #emitterOf(plan: Plan<P>, { ToolEmitter }: Receiving): ToolEmitter<P> {
    const { output } = plan.prepared;
    const { call } = this.#options;
    return new ToolEmitter<P>({
      provider: call.provider,
      draft: () => this.draft,
      offered: plan,
      hidden: output?.mode === "tool" ? output.name : undefined,
      partial: call.partialTools,
      response: () => this.response,
    });
  }
}

/** Nothing received yet. */
export function emptyDraft<P extends ProviderTypes>(): Draft<P> {
  return { response: undefined, calls: [], done: false };
}

function ignore(): void {}
