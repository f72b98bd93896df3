import type { Attempt } from "../contract/answer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { Definition, Sending } from "../prepare/prepare.ts";
import type { Scope } from "../send/scope.ts";
import { joinSignals } from "../send/signals.ts";
import { begin } from "./begin.ts";

// A call made of calls: what a fallback and a hedge are, whatever it is that their legs are asked for: a value, the first
// event of a stream, the first step of a tool loop.

/** A call, or several in one. */
export type CallNode<P extends ProviderTypes> = Definition<P> | Combination<P>;

/** Several calls in one: its legs, and what settles which of them answers. */
export interface Combination<P extends ProviderTypes> {
  readonly name: string;
  readonly legs: readonly CallNode<P>[];
  /** Milliseconds for all legs together. */
  readonly deadline: number | undefined;
  readonly settle: Settle;
  /** Looks at the calls as they are made in their scope. Throws `ConfigError`. */
  check?(leaves: readonly Definition<P>[]): void;
}

/** Asks legs until one has answered. Throws the error of the one that ended it. */
export type Settle = <Result>(legs: readonly LegRun<Result>[]) => Promise<Won<Result>>;

/** A leg that can be asked. */
export interface LegRun<Result> {
  readonly provider: string;
  readonly model: string;
  /** True once nothing may be started any more: a signal has ended, or the time is over. */
  readonly over: boolean;
  /** Asks it; `signal` ends this leg alone. */
  start(signal?: AbortSignal): Promise<Won<Result>>;
  /** What an answer cost that nobody takes. */
  lost(result: Result): Promise<readonly Attempt[]>;
}

/** What the leg that answered gave, and what the others came to. */
export interface Won<Result> {
  readonly result: Result;
  readonly attempts: readonly Attempt[];
}

/** What the legs are asked for. */
export interface LegWork<P extends ProviderTypes, Result> {
  attempt(leaf: Definition<P>): Promise<Result>;
  /** What an answer cost that nobody takes. */
  lost(result: Result): Promise<readonly Attempt[]>;
}

/** The calls a node is made of, in order: their places are what `leg` counts. */
export function leavesOf<P extends ProviderTypes>(node: CallNode<P>): readonly Definition<P>[] {
  return "legs" in node ? node.legs.flatMap(leavesOf<P>) : [node];
}

/** The same node with its calls changed, each with its place. */
export function mapLeaves<P extends ProviderTypes>(
  node: CallNode<P>,
  change: (leaf: Definition<P>, leg: number) => Definition<P>,
): CallNode<P> {
  let leg = 0;
  const map = (one: CallNode<P>): CallNode<P> =>
    "legs" in one ? { ...one, legs: one.legs.map(map) } : change(one, leg++);
  return map(node);
}

/** The node as it is used here and now: each call in its scope, and knowing which leg it is. */
export function beginLegs<P extends ProviderTypes>(node: CallNode<P>, scope: Scope | undefined): CallNode<P> {
  if (!("legs" in node)) return begin(node, scope);
  return mapLeaves(node, (leaf, leg) => ({ ...begin(leaf, scope), leg }));
}

/** The calls of a node, each with the soonest of the deadlines around it, to be used without the others. */
export function leavesInTime<P extends ProviderTypes>(
  node: CallNode<P>,
  deadline?: number | undefined,
): readonly Definition<P>[] {
  if ("legs" in node) return node.legs.flatMap((leg) => leavesInTime(leg, sooner(deadline, node.deadline)));
  if (deadline === undefined) return [node];
  return [{ ...node, sending: { ...node.sending, deadline: sooner(node.sending?.deadline, deadline) } }];
}

/** What bounds the asking from outside; `until` is by `performance.now()`. */
interface Bound {
  readonly signal?: AbortSignal | undefined;
  readonly until?: number | undefined;
}

/** Asks the legs of a node until one has answered. */
export async function compete<P extends ProviderTypes, Result>(
  node: CallNode<P>,
  work: LegWork<P, Result>,
  bound: Bound = {},
): Promise<Won<Result>> {
  if (!("legs" in node)) return { result: await work.attempt(bounded(node, bound)), attempts: [] };
  node.check?.(leavesOf(node));
  const { signal } = bound;
  const until = sooner(bound.until, node.deadline === undefined ? undefined : performance.now() + node.deadline);
  const legs = node.legs.map((leg): LegRun<Result> => {
    const leaves = leavesOf(leg);
    const [{ provider, model }] = leaves as readonly [Definition<P>];
    return {
      provider: provider.name,
      model,
      get over() {
        return signal?.aborted === true || isPast(until) || leaves.some(isOver);
      },
      start: (own) => compete(leg, work, { signal: joinSignals(signal, own), until }),
      lost: work.lost,
    };
  });
  return node.settle(legs);
}

function bounded<P extends ProviderTypes>(leaf: Definition<P>, { signal, until }: Bound): Definition<P> {
  if (signal === undefined && until === undefined) return leaf;
  const { sending } = leaf;
  const own: Sending = {
    ...sending,
    signal: joinSignals(sending?.signal, signal),
    until: sooner(sending?.until, until),
  };
  return { ...leaf, sending: own };
}

function isOver<P extends ProviderTypes>({ sending }: Definition<P>): boolean {
  return sending?.signal?.aborted === true || isPast(sending?.until);
}

// A timer may end a little early.
function isPast(until: number | undefined): boolean {
  return until !== undefined && performance.now() >= until - 1;
}

function sooner(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? (first ?? second) : Math.min(first, second);
}
