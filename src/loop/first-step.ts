import { type CallNode, compete } from "../call/combination.ts";
import type { Attempt } from "../contract/answer.ts";
import { attemptsOf } from "../contract/attempts.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { Definition } from "../prepare/prepare.ts";
import { startDeadline, type Timed } from "../send/deadline.ts";
import type { Tool } from "../tools/tool.ts";
import type { Steps } from "./steps.ts";
import type { ToolLoopEvent, ToolLoopResult } from "./types.ts";

/** What happens in a run, ending in its result. */
export type RunEvents<P extends ProviderTypes, T extends Tool> = AsyncGenerator<
  ToolLoopEvent<P, T>,
  ToolLoopResult<P, T>
>;

/** A run that has begun. */
export interface BegunRun<P extends ProviderTypes, T extends Tool> {
  readonly steps: Steps<P, T>;
  readonly events: RunEvents<P, T>;
}

interface FirstEvent<P extends ProviderTypes, T extends Tool> extends BegunRun<P, T> {
  readonly first: IteratorResult<ToolLoopEvent<P, T>, ToolLoopResult<P, T>>;
  readonly timed: Timed<P> | undefined;
}

/** Begins a run by the first of several legs that answers; `told` hears of each that is asked. */
export async function beginByLegs<P extends ProviderTypes, T extends Tool>(
  node: CallNode<P>,
  signal: AbortSignal | undefined,
  begin: (call: Definition<P>) => Promise<Steps<P, T>>,
  told: (steps: Steps<P, T>) => void,
): Promise<BegunRun<P, T>> {
  let last: Steps<P, T> | undefined;
  const work = {
    async attempt(leaf: Definition<P>): Promise<FirstEvent<P, T>> {
      const timed = startDeadline(leaf);
      try {
        const steps = await begin(timed?.call ?? leaf);
        last = steps;
        told(steps);
        const events = steps.run();
        return { steps, events, timed, first: await events.next() };
      } catch (error) {
        timed?.clear();
        throw blamed(timed, error);
      }
    },
    lost,
  };
  try {
    const { result, attempts } = await compete<P, FirstEvent<P, T>>(node, work, { signal });
    result.steps.chosen(result.steps.leg, attempts);
    told(result.steps);
    return { steps: result.steps, events: goOn(result) };
  } catch (error) {
    // The run tells what all of them came to.
    if (last !== undefined) last.attempts.splice(0, last.attempts.length, ...attemptsOf(error));
    throw error;
  }
}

async function* goOn<P extends ProviderTypes, T extends Tool>({
  steps,
  events,
  first,
  timed,
}: FirstEvent<P, T>): RunEvents<P, T> {
  try {
    if (first.done) return first.value;
    const [response] = steps.responses;
    yield first.value.type === "response" && response !== undefined ? { type: "response", response } : first.value;
    return yield* events;
  } catch (error) {
    throw blamed(timed, error);
  } finally {
    timed?.clear();
  }
}

function blamed<P extends ProviderTypes>(timed: Timed<P> | undefined, error: unknown): unknown {
  return timed === undefined ? error : timed.blame(error);
}

/** A leg that answered too late: what its first request cost. */
async function lost<P extends ProviderTypes, T extends Tool>({
  steps,
  events,
  first,
  timed,
}: FirstEvent<P, T>): Promise<readonly Attempt[]> {
  timed?.clear();
  const [response] = steps.responses;
  if (response !== undefined) return [...response.attempts, response];
  try {
    if (!first.done) await events.next();
  } catch (error) {
    return attemptsOf(error);
  }
  steps.leave();
  return [];
}
