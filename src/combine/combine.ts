import { bind, invoke } from "../call/call.ts";
import {
  beginLegs,
  type CallNode,
  type Combination,
  compete,
  type LegWork,
  leavesOf,
  mapLeaves,
} from "../call/combination.ts";
import { override } from "../call/override.ts";
import { type CallPromise, definition, type Overrides } from "../call/types.ts";
import { type Answered, tellAttempts } from "../call/value.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { ReceivedData } from "../contract/received.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import type { Definition, Prepared } from "../prepare/prepare.ts";
import type { CallResponse } from "../read/response.ts";
import { Stream } from "../read/stream.ts";
import { checkSending } from "../send/check-sending.ts";
import { ambient } from "../send/scope.ts";
import { StructuredStream } from "../structured/structured-stream.ts";
import { LegsSource } from "./legs-source.ts";

type P = ProviderTypes;

/** Makes one function of several calls. Throws `ConfigError` for calls that do not fit each other. */
export function combine<Call>(node: Combination<P>): Call {
  const leaves = leavesOf(node);
  checkKinds(node.name, leaves);
  const [first] = leaves as readonly [Definition<P>];
  const ofLeg = (leg: number) => bind<P>({ ...(leaves[leg] as Definition<P>), leg });
  const made = Object.assign(first.stream ? streamed(node, first) : awaited(node), {
    with: (overrides: Overrides<P>) => combine<Call>(overrideLegs(node, leaves, overrides)),
    prepare: (...args: unknown[]) => bind<P>(first).prepare(...args),
    send: async (prepared: Prepared<P>) => ofLeg(legOf(node.name, leaves, prepared)).send(prepared),
    read: async (prepared: Prepared<P>, received: ReceivedData<P>) =>
      ofLeg(legOf(node.name, leaves, prepared, received?.leg)).read(prepared, received),
  });
  // Not to be seen when it is printed: it holds the clients. The types of `fallback` and `hedge` say what it gives.
  return Object.defineProperty(made, definition, { value: node }) as unknown as Call;
}

function checkKinds(name: string, leaves: readonly Definition<P>[]): void {
  const kinds = new Set(leaves.map(({ stream, output }) => [stream, stream && output?.schema !== undefined].join()));
  if (kinds.size === 1) return;
  throw new ConfigError(
    `All legs of ${name} stream (text, or structured values), or none does: a stream is given before a leg has answered.`,
  );
}

/** The value of one leg, and the response it comes from. */
interface Value {
  readonly value: unknown;
  readonly response: CallResponse<P> | undefined;
}

function awaited(node: Combination<P>) {
  return (...args: unknown[]) => {
    const begun = beginLegs(node, ambient.storage?.getStore());
    const answered: Answered<P> = { response: undefined };
    const promise = answer(begun, args, answered) as CallPromise<unknown, CallResponse<P>>;
    promise.withResponse = async () => ({ value: await promise, response: answered.response as CallResponse<P> });
    return promise;
  };
}

async function answer(node: CallNode<P>, args: readonly unknown[], answered: Answered<P>): Promise<unknown> {
  const work: LegWork<P, Value> = {
    async attempt(leaf) {
      const own: Answered<P> = { response: undefined };
      const value = await invoke(leaf, args, own);
      return { value, response: own.response };
    },
    lost: async ({ response }) => (response === undefined ? [] : [...response.attempts, response]),
  };
  const { result, attempts } = await compete(node, work);
  const { value, response } = result;
  return response === undefined ? value : tellAttempts(value, response, attempts, answered);
}

function streamed(node: Combination<P>, { output }: Definition<P>) {
  return (...args: unknown[]) => {
    const begun = beginLegs(node, ambient.storage?.getStore());
    const stream = new Stream<P>(new LegsSource(begun, args));
    return output?.schema === undefined ? stream : new StructuredStream<P, unknown>(stream);
  };
}

const ofOneLeg = ["client", "model", "callParams"] as const;

function overrideLegs(node: Combination<P>, leaves: readonly Definition<P>[], overrides: Overrides<P>): Combination<P> {
  if (typeof overrides !== "object" || overrides === null) {
    throw new ConfigError(`with() takes an object of overrides; it was given ${describe(overrides)}.`);
  }
  const providers = new Set(leaves.map(({ provider }) => provider.name));
  // The names of models and parameters are common to calls of the root; a client never is.
  const kept = leaves.every(({ route }) => route !== undefined) ? ofOneLeg.slice(0, 1) : ofOneLeg;
  const foreign = providers.size === 1 ? undefined : kept.find((key) => overrides[key] !== undefined);
  if (foreign !== undefined) {
    throw new ConfigError(
      `\`${foreign}\` belongs to one provider, and the legs of ${node.name} are on ${[...providers].join(", ")}: give it to the leg.`,
    );
  }
  const { deadline, ...rest } = overrides;
  checkSending({ deadline });
  const changed = mapLeaves(node, (leaf) => override(leaf, rest)) as Combination<P>;
  return deadline === undefined ? changed : { ...changed, deadline };
}

/** The leg that a prepared call is for: the one that is named, else the first on its provider, best with its model. */
function legOf(name: string, leaves: readonly Definition<P>[], prepared: Prepared<P>, named?: number): number {
  const fits = ({ provider }: Definition<P>) => provider.name === prepared?.provider;
  const answered = named === undefined ? undefined : leaves[named];
  if (named !== undefined && answered !== undefined && fits(answered)) return named;
  const same = leaves.findIndex((leaf) => fits(leaf) && leaf.model === prepared.model);
  const leg = same === -1 ? leaves.findIndex(fits) : same;
  if (leg !== -1) return leg;
  const providers = leaves.map(({ provider }) => provider.name).join(", ");
  throw new ConfigError(`This call was prepared for ${prepared?.provider}; the legs of ${name} are on ${providers}.`);
}
