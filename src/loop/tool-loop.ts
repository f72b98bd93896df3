import { beginLegs, type CallNode, leavesInTime, leavesOf } from "../call/combination.ts";
import { definition } from "../call/types.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { loadHistory } from "../message/history.ts";
import { prepare } from "../prepare/evaluate.ts";
import { type Definition, prepareEvaluated } from "../prepare/prepare.ts";
import type { CallResponse } from "../read/response.ts";
import type { Stream } from "../read/stream.ts";
import { ambient, inThisScope } from "../send/scope.ts";
import type { Tool } from "../tools/tool.ts";
import { beginByLegs } from "./first-step.ts";
import { checkDecisions, fromState } from "./open-call.ts";
import { type BeginRun, Run } from "./run.ts";
import { Steps } from "./steps.ts";
import {
  type Approval,
  loopCall,
  type ToolLoop,
  type ToolLoopOptions,
  type ToolLoopState,
  type ToolLoopStateV1,
} from "./types.ts";

type Answers<P extends ProviderTypes, T extends Tool> = PromiseLike<CallResponse<P, T>> | Stream<P, T, boolean>;

/** What a loop is made of: a call, or several in one. */
interface LoopCall<P extends ProviderTypes, Args extends unknown[], Result> {
  (...args: Args): Result;
  readonly [definition]: CallNode<P>;
}

/**
 * Runs a call with its tools: the model is asked, the tools it calls are executed side by side, their results go back,
 * and so on until it answers without one. Every tool call is executed at most once, also when a request is retried or a
 * run resumed. The call's own `signal` (from `.with`) ends it between and within steps. Of a fallback or hedge the leg
 * that answers first is kept to the end, and the state names it.
 */
export function toolLoop<P extends ProviderTypes, Args extends unknown[], T extends Tool>(
  call: LoopCall<P, Args, Answers<P, T>>,
  options: ToolLoopOptions<P, T> = {},
): ToolLoop<P, Args, T> {
  const node = call?.[definition];
  if (node === undefined) throw new ConfigError("A tool loop is made of a call, as openai.call(...) gives it.");
  checkOptions(options);
  if (leavesOf(node).some(({ output, outputParser }) => output !== undefined || outputParser !== undefined)) {
    throw new ConfigError(
      "A tool loop needs the responses themselves: leave out `responseModel`, `jsonMode` and `outputParser`.",
    );
  }
  const start = () => beginLegs(node, ambient.storage?.getStore());
  const loop = (...args: Args) => {
    const begun = start();
    const begin: BeginRun<P, T> = inThisScope(async (call, args, told) => {
      const stepsOf = async (leaf: Definition<P>) => new Steps<P, T>(leaf, options, await prepare(leaf, args));
      if ("legs" in begun) return beginByLegs(begun, call.sending?.signal, stepsOf, told);
      return entered(await stepsOf(call), told);
    });
    return new Run<P, T>({ defined: callOf(begun), args, begin });
  };
  // Not to be seen when a loop is printed: it holds the client, and that the key.
  Object.defineProperty(loop, loopCall, { value: node });
  return Object.assign(loop, {
    resume: (state: ToolLoopState | ToolLoopStateV1, decisions: Readonly<Record<string, Approval>> = {}) => {
      const leaf = legOf(start(), state);
      const begin: BeginRun<P, T> = inThisScope(async (call, _, told) =>
        entered(await resumed<P, T>(call, options, checkState(state, call.provider.name), decisions), told),
      );
      return new Run<P, T>({ defined: leaf, args: [], begin });
    },
  });
}

function entered<P extends ProviderTypes, T extends Tool>(steps: Steps<P, T>, told: (steps: Steps<P, T>) => void) {
  told(steps);
  return { steps, events: steps.run() };
}

async function resumed<P extends ProviderTypes, T extends Tool>(
  call: Definition<P>,
  options: ToolLoopOptions<P, T>,
  state: ToolLoopState,
  decisions: Readonly<Record<string, Approval>>,
): Promise<Steps<P, T>> {
  const messages = loadHistory(state.history);
  const plan = await prepareEvaluated(call, { messages, config: undefined, template: undefined }, []);
  checkTools(state, plan.tools);
  checkDecisions(fromState(state.calls), decisions);
  if ((await options.claim?.(state.id)) === false) {
    throw new ConfigError(`The state ${state.id} was resumed before: its tools must not run twice.`);
  }
  return new Steps<P, T>(call, options, plan, { state, decisions });
}

/** What stands around a run: of several calls in one that of the first, without what is its own. */
function callOf<P extends ProviderTypes>(node: CallNode<P>): Definition<P> {
  const leaves = leavesOf(node);
  const [first] = leaves as readonly [Definition<P>];
  if (!("legs" in node)) return first;
  const signal = first.sending?.signal;
  const shared = leaves.every(({ sending }) => sending?.signal === signal);
  return { ...first, sending: shared && signal !== undefined ? { signal } : undefined };
}

/** The call that goes on with a state: the leg that it names, else the first on its provider. */
function legOf<P extends ProviderTypes>(node: CallNode<P>, state: ToolLoopState | ToolLoopStateV1): Definition<P> {
  const leaves = leavesInTime(node);
  const { provider, leg } = (state ?? {}) as Partial<ToolLoopState>;
  const named = leg === undefined ? undefined : leaves[leg];
  const fits = ({ provider: own }: Definition<P>) => own.name === provider;
  if (named !== undefined && fits(named)) return named;
  return leaves.find(fits) ?? (leaves[0] as Definition<P>);
}

const optionKeys: readonly string[] = [
  "maxSteps",
  "needsApproval",
  "toolErrors",
  "concurrency",
  "claim",
] satisfies (keyof ToolLoopOptions<ProviderTypes, Tool>)[];

function checkOptions<P extends ProviderTypes, T extends Tool>(options: ToolLoopOptions<P, T>): void {
  const unknown = unknownKey("A tool loop has no option", options, optionKeys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  for (const name of ["maxSteps", "concurrency"] as const) {
    const { [name]: value = 1 } = options;
    if (!Number.isInteger(value) || value < 1) {
      throw new ConfigError(`\`${name}\` is a whole number from 1; it was given ${value}.`);
    }
  }
  const { toolErrors = "send" } = options;
  if (toolErrors !== "send" && toolErrors !== "throw") {
    throw new ConfigError(`\`toolErrors\` is "send" or "throw"; it was given ${describe(toolErrors)}.`);
  }
  for (const name of ["needsApproval", "claim"] as const) {
    if (options[name] === undefined || typeof options[name] === "function") continue;
    throw new ConfigError(`\`${name}\` is a function; it was given ${describe(options[name])}.`);
  }
}

/** A state of either version, as the newest has it. Throws `ConfigError` for what is not one, or is over. */
function checkState(given: ToolLoopState | ToolLoopStateV1, provider: string): ToolLoopState {
  if ((given?.version !== 1 && given?.version !== 2) || !Array.isArray(given.calls)) {
    throw new ConfigError(
      "This is not a state of a tool loop (version 1 or 2): it comes from a run's, a result's or an error's `state`.",
    );
  }
  const state: ToolLoopState =
    given.version === 2
      ? given
      : { ...given, version: 2, id: "", status: given.calls.length === 0 ? "done" : "running", prompted: 0 };
  if (state.status === "done") {
    throw new ConfigError("This run is done: go on in a new call, with the result's `conversation` in its prompt.");
  }
  if (state.provider === provider) return state;
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
