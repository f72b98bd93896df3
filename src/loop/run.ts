import type { Attempt } from "../contract/answer.ts";
import { type LoopEnd, type LoopRun, leftWith } from "../contract/layer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { telemetryOf } from "../contract/telemetry.ts";
import { ConfigError } from "../errors/errors.ts";
import type { Definition } from "../prepare/prepare.ts";
import type { CallResponse } from "../read/response.ts";
import { contextHere, type InContext } from "../send/context-here.ts";
import { startDeadline } from "../send/deadline.ts";
import { joinSignals } from "../send/signals.ts";
import { through } from "../send/through.ts";
import type { Tool } from "../tools/tool.ts";
import type { BegunRun } from "./first-step.ts";
import type { Steps } from "./steps.ts";
import type { ToolLoopEvent, ToolLoopResult, ToolLoopRun, ToolLoopState } from "./types.ts";

/** A run begins by its first request, or by that of the leg that answers; `told` hears of its steps at once. */
export type BeginRun<P extends ProviderTypes, T extends Tool> = (
  call: Definition<P>,
  args: readonly unknown[],
  told: (steps: Steps<P, T>) => void,
) => Promise<BegunRun<P, T>>;

interface RunOptions<P extends ProviderTypes, T extends Tool> {
  readonly defined: Definition<P>;
  readonly args: readonly unknown[];
  readonly begin: BeginRun<P, T>;
}

type Settled<P extends ProviderTypes, T extends Tool> = PromiseWithResolvers<ToolLoopResult<P, T>>["resolve"];

/** The events of a run, as an iteration that ends in its result, and a promise of that result. */
export class Run<P extends ProviderTypes, T extends Tool>
  extends Promise<ToolLoopResult<P, T>>
  implements ToolLoopRun<P, T>
{
  readonly #options: RunOptions<P, T>;
  readonly #settle: Settled<P, T>;
  readonly #fail: (reason: unknown) => void;
  readonly #left = new AbortController();
  #steps: Steps<P, T> | undefined;
  #begun = false;

  constructor(options: RunOptions<P, T>) {
    const settled: Partial<PromiseWithResolvers<ToolLoopResult<P, T>>> = {};
    super((resolve, reject) => Object.assign(settled, { resolve, reject }));
    this.#settle = settled.resolve as Settled<P, T>;
    this.#fail = settled.reject as (reason: unknown) => void;
    this.#options = options;
    // Whoever iterates sees the error there; the promise is for whoever awaits.
    super.then(undefined, () => {});
  }

  // What `then` gives is a plain promise: only a call makes a run.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  get state(): ToolLoopState | undefined {
    return this.#steps?.state;
  }

  get responses(): readonly CallResponse<P, T>[] {
    return this.#steps?.responses ?? [];
  }

  get attempts(): readonly Attempt[] {
    return this.#steps?.attempts ?? [];
  }

  get cost(): number | undefined {
    return this.#steps === undefined ? 0 : this.#steps.cost;
  }

  [Symbol.asyncIterator](): AsyncIterator<ToolLoopEvent<P, T>, undefined> {
    if (this.#begun) {
      return { next: () => Promise.reject(new ConfigError("A run of a tool loop is iterated once.")) };
    }
    this.#begun = true;
    const events = this.#iterate();
    return {
      next: () => events.next(),
      return: () => {
        // Not after what is waited for: leaving ends it.
        this.#left.abort(new DOMException("The run of the tool loop was left before its end.", "AbortError"));
        this.#steps?.leave();
        return events.return(undefined);
      },
    };
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting a run is how its result is had without watching it.
  override then<A = ToolLoopResult<P, T>, B = never>(
    fulfilled?: ((value: ToolLoopResult<P, T>) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (!this.#begun) this.#drain().catch(() => {});
    return super.then(fulfilled, rejected);
  }

  async #drain(): Promise<void> {
    for await (const _ of this);
  }

  async *#iterate(): AsyncGenerator<ToolLoopEvent<P, T>, undefined> {
    const { defined } = this.#options;
    const timed = startDeadline(defined);
    const call = timed?.call ?? defined;
    const signal = joinSignals(call.sending?.signal, this.#left.signal);
    const inner = { ...call, sending: { ...call.sending, signal } };
    try {
      this.#settle(yield* this.#layered(inner));
    } catch (error) {
      const thrown = timed === undefined ? error : timed.blame(error);
      this.#fail(thrown);
      throw thrown;
    } finally {
      timed?.clear();
      this.#fail(this.#leftError());
    }
  }

  #leftError(): ConfigError {
    const end: LoopEnd = { status: "left", responses: this.responses, cost: this.cost };
    const error = new ConfigError("The run of the tool loop was left before its end.");
    return Object.defineProperty(error, leftWith, { value: end });
  }

  /** The events of the run, begun when the layers around it ask for it, and its result as they give it. */
  async *#layered(call: Definition<P>): AsyncGenerator<ToolLoopEvent<P, T>, ToolLoopResult<P, T>> {
    const { args, begin } = this.#options;
    const layers = call.layers?.loop ?? [];
    const told = (steps: Steps<P, T>) => {
      this.#steps = steps;
    };
    if (layers.length === 0) {
      return yield* (await begin(call, args, told)).events;
    }
    const { provider, model, sending, prompt } = call;
    const asked = Promise.withResolvers<{ readonly run: LoopRun; readonly here: InContext }>();
    const ended = Promise.withResolvers<ToolLoopResult<P, T>>();
    ended.promise.catch(() => {});
    const first = through<LoopRun, Promise<LoopEnd>>(
      layers,
      (layer, run, next) => layer.loop?.(run, next) as Promise<LoopEnd>,
      (run) => {
        asked.resolve({ run, here: contextHere() });
        return ended.promise as Promise<LoopEnd>;
      },
    );
    const signal = sending?.signal;
    const telemetry = telemetryOf(provider, call.client);
    const around = first({ args, provider: provider.name, model, telemetry, signal, metadata: prompt.metadata });
    // A run that is left is waited for by nobody.
    around.catch(() => {});
    const begun = await Promise.race([asked.promise, around.then(() => undefined)]);
    try {
      if (begun !== undefined) {
        const { run, here } = begun;
        const { events } = await here(() => begin(call, run.args, told));
        ended.resolve(yield* inContext(events, here));
      }
    } catch (error) {
      ended.reject(error);
    } finally {
      ended.reject(this.#leftError());
    }
    return (await around) as ToolLoopResult<P, T>;
  }
}

/** The same events, each made in the context that the layers around the run gave it. */
async function* inContext<Event, Result>(
  events: AsyncGenerator<Event, Result>,
  here: InContext,
): AsyncGenerator<Event, Result> {
  let step: IteratorResult<Event, Result> | undefined;
  try {
    for (step = await here(() => events.next()); !step.done; step = await here(() => events.next())) yield step.value;
    return step.value;
  } finally {
    // One that is left ends what it is made of.
    if (step !== undefined && !step.done) await here(() => events.return(undefined as Result));
  }
}
