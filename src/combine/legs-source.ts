import { type CallNode, compete, leavesOf } from "../call/combination.ts";
import type { Attempt } from "../contract/answer.ts";
import { addAttempts, attemptsOf } from "../contract/attempts.ts";
import type { Draft, ProviderTypes } from "../contract/provider.ts";
import { prepare } from "../prepare/evaluate.ts";
import type { Definition, Plan } from "../prepare/prepare.ts";
import { emptyDraft, Reception, type Step, type StreamSource } from "../read/reception.ts";
import type { CallResponse } from "../read/response.ts";
import { inThisScope } from "../send/scope.ts";
import type { Spent } from "../send/spent.ts";
import type { Tool } from "../tools/tool.ts";

/** A leg that has begun to answer. */
interface Begun<P extends ProviderTypes> {
  readonly source: Reception<P, Tool>;
  readonly step: IteratorResult<Step<P>, undefined>;
}

/** The stream of the first of several legs that has an event: asked when the first event is, and kept from then on. */
export class LegsSource<P extends ProviderTypes> implements StreamSource<P, Tool> {
  readonly #node: CallNode<P>;
  readonly #prepare: (leaf: Definition<P>) => ReturnType<typeof prepare<P>>;
  readonly #left = new AbortController();
  #state: StreamSource<P, Tool>["state"] = "new";
  #bind = false;
  #chosen: Reception<P, Tool> | undefined;
  #attempts: readonly Attempt[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #told: { readonly of: CallResponse<P>; readonly response: CallResponse<P> } | undefined;

  constructor(node: CallNode<P>, args: readonly unknown[]) {
    this.#node = node;
    // Prompts are written when the stream is iterated, and what they call is called here.
    this.#prepare = inThisScope((leaf) => prepare(leaf, args));
  }

  get state() {
    return this.#chosen?.state ?? this.#state;
  }

  get call(): Definition<P> {
    return this.#chosen?.call ?? (leavesOf(this.#node)[0] as Definition<P>);
  }

  get plan(): Plan<P> | undefined {
    return this.#chosen?.plan;
  }

  get draft(): Draft<P> {
    return this.#chosen?.draft ?? emptyDraft<P>();
  }

  get spent(): Spent | undefined {
    return this.#chosen?.spent;
  }

  get startTime(): number | undefined {
    return this.#chosen?.startTime;
  }

  get endTime(): number | undefined {
    return this.#chosen?.endTime;
  }

  get response(): CallResponse<P> | undefined {
    const of = this.#chosen?.response;
    if (of === undefined || this.#attempts.length === 0) return of;
    if (this.#told?.of !== of) this.#told = { of, response: of.withAttempts(this.#attempts) };
    return this.#told.response;
  }

  start(bind: boolean): void {
    this.#state = "running";
    this.#bind = bind;
  }

  next(): Promise<IteratorResult<Step<P>, undefined>> {
    // Whoever asks twice is answered in turn.
    const step = this.#last.then(
      () => this.#step(),
      () => this.#step(),
    );
    this.#last = step;
    return step;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.leave();
    return { done: true, value: undefined };
  }

  leave(): void {
    if (this.#state === "running") this.#state = "broken";
    this.#chosen?.leave();
    this.#left.abort(new DOMException("The stream was left.", "AbortError"));
  }

  async #step(): Promise<IteratorResult<Step<P>, undefined>> {
    if (this.#chosen === undefined) return this.#choose();
    try {
      return await this.#chosen.next();
    } catch (error) {
      addAttempts(error, this.#attempts);
      throw error;
    }
  }

  async #choose(): Promise<IteratorResult<Step<P>, undefined>> {
    if (this.#state === "broken") return { done: true, value: undefined };
    try {
      const work = { attempt: (leaf: Definition<P>) => this.#begin(leaf), lost };
      const { result, attempts } = await compete<P, Begun<P>>(this.#node, work, { signal: this.#left.signal });
      this.#chosen = result.source;
      this.#attempts = attempts;
      if (this.#state === ("running" as string)) return result.step;
      result.source.leave();
    } catch (error) {
      // It was left while an event was waited for: nobody is there to be told.
      if (this.#state === "running") {
        this.#state = "broken";
        throw error;
      }
    }
    return { done: true, value: undefined };
  }

  async #begin(call: Definition<P>): Promise<Begun<P>> {
    const source = new Reception<P, Tool>({ call, begin: this.#prepare, purpose: "call" });
    source.start(this.#bind);
    return { source, step: await source.next() };
  }
}

/** A leg whose first event came too late: it was stopped, and its next step says what it came to. */
async function lost<P extends ProviderTypes>({ source }: Begun<P>): Promise<readonly Attempt[]> {
  try {
    await source.next();
  } catch (error) {
    return attemptsOf(error);
  }
  source.leave();
  return [];
}
