import type { ProviderTypes, RawToolCall } from "../contract/provider.ts";
import { ConfigError } from "../errors/errors.ts";
import type { ResultContent } from "../message/parts.ts";
import type { Approval, PendingCall, StateCall } from "./types.ts";

/** A tool call of the last turn, and what is known of it. */
export interface OpenCall<P extends ProviderTypes> {
  readonly raw: RawToolCall<P>;
  output: ResultContent | undefined;
  isError: boolean;
  /** What its tool gave, where that ran in this run. */
  given?: { readonly value: unknown };
  /** True once its tool was begun. */
  started: boolean;
}

/** A call as it came: nothing is known of it yet. */
export function opened<P extends ProviderTypes>(raw: RawToolCall<P>): OpenCall<P> {
  return { raw, output: undefined, isError: false, started: false };
}

/** The calls of a state that was stored. */
export function fromState<P extends ProviderTypes>(calls: readonly StateCall[]): OpenCall<P>[] {
  return calls.map(({ id, name, arguments: input, native, output, isError = false, started = false }) => ({
    raw: { id, name, input, native: native as P["ToolCall"] },
    output,
    isError,
    started,
  }));
}

/** The same for a state to be stored. */
export function toState<P extends ProviderTypes>({ raw, output, isError, started }: OpenCall<P>): StateCall {
  return {
    id: raw.id,
    name: raw.name,
    arguments: argumentsOf(raw),
    native: raw.native,
    ...(output !== undefined && { output, isError }),
    ...(output === undefined && started && { started }),
  };
}

/** What a call is decided by: its own id, or its name and place where it has none to itself. */
function keyOf<P extends ProviderTypes>(call: OpenCall<P>, calls: readonly OpenCall<P>[]): string {
  const { id, name } = call.raw;
  const own = id !== "" && calls.every((other) => other === call || other.raw.id !== id);
  return own ? id : `${name}#${calls.filter((other) => other.raw.name === name).indexOf(call) + 1}`;
}

/** A call that waits for a person. */
export function pendingCall<P extends ProviderTypes>(call: OpenCall<P>, calls: readonly OpenCall<P>[]): PendingCall {
  const { name } = call.raw;
  return { id: keyOf(call, calls), name, arguments: argumentsOf(call.raw), ...(call.started && { started: true }) };
}

/**
 * What a person decided about a call, `undefined` where nothing was. A yes must name the very call: by a name alone only
 * one without an id can be allowed, and only where no other has that name. A no may be said of all calls of a name.
 */
export function decisionOf<P extends ProviderTypes>(
  call: OpenCall<P>,
  calls: readonly OpenCall<P>[],
  decisions: Readonly<Record<string, Approval>>,
): Approval | undefined {
  const { id, name } = call.raw;
  const key = keyOf(call, calls);
  if (Object.hasOwn(decisions, key)) return decisions[key];
  const byName = Object.hasOwn(decisions, name) ? decisions[name] : undefined;
  if (byName !== true) return byName;
  const isOnly = id === "" && calls.every((other) => other === call || other.raw.name !== name);
  return isOnly ? true : undefined;
}

/** Checks that each decision is about a call there is. Throws `ConfigError`: a typing error would wait for ever. */
export function checkDecisions<P extends ProviderTypes>(
  calls: readonly OpenCall<P>[],
  decisions: Readonly<Record<string, Approval>>,
): void {
  const known = new Set(calls.flatMap((call) => [keyOf(call, calls), call.raw.name]));
  const unknown = Object.keys(decisions).find((key) => !known.has(key));
  if (unknown === undefined) return;
  const ids = calls.map((call) => keyOf(call, calls)).join(", ") || "none";
  throw new ConfigError(
    `resume() was given a decision about ${JSON.stringify(unknown)}, which no call of the state is. Its calls: ${ids}.`,
  );
}

function argumentsOf<P extends ProviderTypes>({ input }: RawToolCall<P>): string {
  return typeof input === "string" ? input : JSON.stringify(input);
}
