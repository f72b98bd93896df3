import {
  type EventStream,
  kindOfLayer,
  type Layer,
  noteWhole,
  type Outgoing,
  type ToolRun,
  waitsBy,
} from "../contract/layer.ts";
import type { Received, ReceivedNotes } from "../contract/received.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { keptFailureOf, noteEngine } from "../errors/kept-failure.ts";
import { checkOptions } from "../layers/options.ts";
import { retry } from "../layers/retry.ts";
import { wait } from "../send/wait.ts";
import type { Engine } from "./engine.ts";
import { isInStep } from "./in-step.ts";
import { Steps } from "./steps.ts";

/** How requests and tools become steps. */
export interface DurableOptions {
  /**
   * How often a request that failed is sent, where no `retry()` stands around, and the longest wait (milliseconds) between
   * two; 3 times and 20,000. `false`: once. Each is a step of its own, and the waiting is the engine's.
   */
  readonly retry?:
    | { readonly attempts?: number | undefined; readonly maxDelay?: number | undefined }
    | false
    | undefined;
  /**
   * Which tools run as a step: all, unless this is `false`, or a function that says which. A tool that speaks to the engine
   * itself (another service, a step of its own) is none.
   */
  readonly tools?: boolean | ((use: ToolRun) => boolean) | undefined;
}

const keys = ["retry", "tools"] as const satisfies (keyof DurableOptions)[];

/** The layer of an engine. Throws `ConfigError` for options that make no sense. */
export function durableLayer(engine: Engine, options: DurableOptions): Layer {
  checkOptions("durable()", options, keys);
  const { retry: retried = {}, tools = true } = options;
  if (typeof tools !== "boolean" && typeof tools !== "function") {
    throw new ConfigError(`\`tools\` is true, false or a function of a tool's run; it was given ${describe(tools)}.`);
  }
  if (retried !== false) checkOptions("`retry` of durable()", retried, ["attempts", "maxDelay"]);
  const again = retried === false ? undefined : (retry(retried) as Required<Pick<Layer, "send" | "stream">>);
  const steps = new Steps(engine);
  const isStep = (use: ToolRun) => (typeof tools === "function" ? tools(use) : tools);
  return {
    name: "durable",
    perRequest: true,
    [kindOfLayer]: "durable",
    [waitsBy]: (ms, signal) => (isInStep() ? wait(ms, signal) : sleep(steps, ms, signal)),
    call: (use, next) => (isInStep() ? next(use) : steps.call(() => next(use))),
    loop: (run, next) => (isInStep() ? next(run) : steps.call(() => next(run))),
    async send(request, next) {
      if (isInStep()) return next(request);
      const once = (one: Outgoing) => steps.send(one, next);
      // Who is outside and has switched the SDK's retries off tries again in its own way.
      return again !== undefined && request.sdkRetries ? again.send(request, once) : once(request);
    },
    stream(request, next) {
      if (isInStep()) return next(request);
      const once = (one: Outgoing) => new KeptEvents(one, () => steps.stream(one, next));
      return again !== undefined && request.sdkRetries ? again.stream(request, once) : once(request);
    },
    async tool(use, next) {
      if (isInStep()) return next(use);
      if (isStep(use)) return steps.tool(use, next);
      try {
        return await next(use);
      } catch (error) {
        if (engine.isOwn(error) && keptFailureOf(error) === undefined) noteEngine(error);
        throw error;
      }
    },
  };
}

function sleep(steps: Steps, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal?.reason);
    if (signal?.aborted) {
      stop();
      return;
    }
    signal?.addEventListener("abort", stop, { once: true });
    const over = () => signal?.removeEventListener("abort", stop);
    steps.sleep(ms).then(
      () => {
        over();
        resolve();
      },
      (error: unknown) => {
        over();
        noteEngine(error);
        reject(error);
      },
    );
  });
}

/** The answer of a stream's step, as the one event that says all of it. */
class KeptEvents implements EventStream, AsyncIterator<object> {
  readonly #request: Outgoing;
  readonly #ask: () => Promise<Received>;
  #received: Received | undefined;
  #over = false;

  constructor(request: Outgoing, ask: () => Promise<Received>) {
    this.#request = request;
    this.#ask = ask;
  }

  get head() {
    return this.#received?.head;
  }

  get notes(): ReceivedNotes | undefined {
    if (this.#received === undefined) return undefined;
    const { response: _, version: __, ...notes } = { ...this.#received };
    return notes;
  }

  get answer() {
    return this.#received && this.#request.read(this.#received);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<object>> {
    if (this.#over) return { done: true, value: undefined };
    this.#over = true;
    this.#received = await this.#ask();
    return { done: false, value: noteWhole(this.#received.response) };
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#over = true;
    return { done: true, value: undefined };
  }
}
