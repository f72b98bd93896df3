import { definition, type TypedCall } from "../call/types.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { loadHistory } from "../message/history.ts";
import { planned, prepare } from "../prepare/prepare.ts";
import type { CallResponse } from "../read/response.ts";
import type { Stream } from "../read/stream.ts";
import type { Tool } from "../tools/tool.ts";
import { Steps } from "./steps.ts";
import type {
  Approval,
  ToolLoop,
  ToolLoopEvent,
  ToolLoopOptions,
  ToolLoopResult,
  ToolLoopRun,
  ToolLoopState,
} from "./types.ts";

type Answers<P extends ProviderTypes, T extends Tool> = PromiseLike<CallResponse<P, T>> | Stream<P, T, boolean>;

/**
 * Runs a call with its tools: the model is asked, the tools it calls are executed side by side, their results go back,
 * and so on until it answers without one. Every tool call is executed at most once, also when a request is retried or a
 * run resumed. The call's own `signal` (from `.with`) ends it between and within steps.
 */
export function toolLoop<P extends ProviderTypes, Args extends unknown[], T extends Tool>(
  call: TypedCall<P, Args, Answers<P, T>>,
  options: ToolLoopOptions<P, T> = {},
): ToolLoop<P, Args, T> {
  const defined = call?.[definition];
  if (defined === undefined) throw new ConfigError("A tool loop is made of a call, as openai.call(...) gives it.");
  checkOptions(options);
  if (defined.output !== undefined || defined.outputParser !== undefined) {
    throw new ConfigError(
      "A tool loop needs the responses themselves: leave out `responseModel`, `jsonMode` and `outputParser`.",
    );
  }
  const begin = async (args: Args) => new Steps<P, T>(defined, options, await prepare(defined, args));
  const goOn = async (state: ToolLoopState) => {
    checkState(state, defined.provider.name);
    const plan = await planned(
      defined,
      { messages: loadHistory(state.history), config: undefined, template: undefined },
      [],
    );
    checkTools(state, plan.tools);
    return new Steps<P, T>(defined, options, plan, state);
  };
  const loop = (...args: Args) => new Run<P, T>(async () => (await begin(args)).run());
  return Object.assign(loop, {
    resume: (state: ToolLoopState, decisions: Readonly<Record<string, Approval>> = {}) =>
      new Run<P, T>(async () => (await goOn(state)).run(decisions)),
  });
}

const optionKeys: readonly string[] = ["maxSteps", "needsApproval", "toolErrors"] satisfies (keyof ToolLoopOptions<
  ProviderTypes,
  Tool
>)[];

function checkOptions({ maxSteps = 10, ...options }: { readonly maxSteps?: number | undefined }): void {
  const unknown = unknownKey("A tool loop has no option", options, optionKeys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  if (Number.isInteger(maxSteps) && maxSteps >= 1) return;
  throw new ConfigError(`\`maxSteps\` is a whole number from 1; it was given ${maxSteps}.`);
}

function checkState(state: ToolLoopState, provider: string): void {
  if (state?.version !== 1 || !Array.isArray(state.calls)) {
    throw new ConfigError(
      "This is not the state of a tool loop (version 1): it comes from a result's or an error's `state`.",
    );
  }
  if (state.calls.length === 0) {
    throw new ConfigError("This run is done: go on in a new call, with loadHistory(state.history) in its prompt.");
  }
  if (state.provider === provider) return;
  throw new ConfigError(`This state is of a loop on ${state.provider}; the call is on ${provider}.`);
}

// A person's yes must not end in "there is no such tool" told to the model.
function checkTools({ tools }: ToolLoopState, offered: readonly Tool[]): void {
  const missing = tools.filter((name) => !offered.some((tool) => tool.name === name));
  if (missing.length === 0) return;
  throw new ConfigError(
    `The run that stopped offered the tools ${missing.join(", ")}, this call does not: a prompt's dynamic configuration is not run again. Give them with .with({ tools }), and its client and callParams likewise.`,
  );
}

/** The events of a run, as an iteration that ends in its result. */
class Run<P extends ProviderTypes, T extends Tool> implements ToolLoopRun<P, T> {
  readonly #begin: () => Promise<AsyncGenerator<ToolLoopEvent<P, T>, ToolLoopResult<P, T>>>;
  readonly #result = Promise.withResolvers<ToolLoopResult<P, T>>();
  #begun = false;

  constructor(begin: () => Promise<AsyncGenerator<ToolLoopEvent<P, T>, ToolLoopResult<P, T>>>) {
    this.#begin = begin;
    // Whoever iterates sees the error there; the promise is for whoever awaits.
    this.#result.promise.catch(() => {});
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ToolLoopEvent<P, T>, undefined> {
    if (this.#begun) throw new ConfigError("A run of a tool loop is iterated once.");
    this.#begun = true;
    try {
      this.#result.resolve(yield* await this.#begin());
    } catch (error) {
      this.#result.reject(error);
      throw error;
    } finally {
      this.#result.reject(new ConfigError("The run of the tool loop was left before its end."));
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting a run is how its result is had without watching it.
  then<A = ToolLoopResult<P, T>, B = never>(
    fulfilled?: ((value: ToolLoopResult<P, T>) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (!this.#begun) this.#drain().catch(() => {});
    return this.#result.promise.then(fulfilled, rejected);
  }

  async #drain(): Promise<void> {
    for await (const _ of this);
  }
}
