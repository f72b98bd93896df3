import { bind } from "../call/call.ts";
import { leavesOf } from "../call/combination.ts";
import type { TypedCall } from "../call/types.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { Received } from "../contract/received.ts";
import { classify } from "../errors/classify.ts";
import { plainOrDropped, plainOrLeftOut } from "../json/plain.ts";
import { isEncoded, loadHistory, type SavedHistory, saveHistory } from "../message/history.ts";
import type { Message } from "../message/parts.ts";
import { Prepared } from "../prepare/prepare.ts";
import type { CallResponse } from "../read/response.ts";
import { type Asked, isResponse } from "./ask.ts";
import type { Node } from "./fingerprint.ts";
import type { Redact, StoredFailure } from "./types.ts";

/** What the journal keeps of an answer, each as JSON. */
export interface StoredAnswer {
  readonly args: string | null;
  /** The value, for people and for what is read back from it. */
  readonly value: string | null;
  /** 1 where that JSON is given for the value, as parts of what came were taken out; else it is read from what came. */
  readonly exact: 0 | 1;
  /** Of a tool loop: its state, and the turns it added. */
  readonly loop: string | null;
  /** The prepared call; of a loop one a step. */
  readonly prepared: string | null;
  /** What came, as `call.read` takes it; of a loop one a step. */
  readonly received: string | null;
}

/** The columns of an answered row. */
export function storedAnswer(asked: Asked, args: readonly unknown[], redact: Redact | undefined): StoredAnswer {
  const { value, responses, loop } = asked;
  // Read again, it is what the call gives now; what was taken out of an answer may leave nothing to read.
  const exact = redact !== undefined && loop === undefined && isExact(value);
  const [response] = responses;
  const text = (one: unknown, at: string) => jsonOf(one, redact, at);
  const came = responses.map(receivedOf);
  const shown = loop === undefined ? (isResponse(value) ? value.content : value) : responses.at(-1)?.content;
  return {
    args: storedArgs(args, redact),
    value: text(shown, "value"),
    exact: exact ? 1 : 0,
    loop: loop === undefined ? null : text(loopOf(loop), "value"),
    prepared:
      response === undefined
        ? null
        : text(loop === undefined ? response.prepared : responses.map(({ prepared }) => prepared), "prepared"),
    received: response === undefined ? null : text(loop === undefined ? came[0] : came, "received"),
  };
}

function receivedOf(response: CallResponse): object {
  const { received, attempts } = response;
  return attempts.length === 0 ? received : received.with({ attempts });
}

/** The arguments as JSON. */
export function storedArgs(args: readonly unknown[], redact: Redact | undefined): string | null {
  const simple = args.every((arg) => typeof arg === "string" || typeof arg === "number" || typeof arg === "boolean");
  return jsonOf(simple ? args : plainOrLeftOut(args), redact, "args");
}

/** What is kept of an error: no header, no body, no request. */
export function storedFailure(key: string, error: unknown, redact: Redact | undefined): StoredFailure {
  const { kind, status, retryable } = classify(error);
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
  const failure = { name, message, kind, status, retryable };
  return { key, ...(redact === undefined ? failure : (redacted(failure, redact, ["error"]) as typeof failure)) };
}

/** As JSON, without what `redact` takes out. */
export function jsonOf(value: unknown, redact: Redact | undefined, at: string): string | null {
  try {
    // What has a form in JSON by its own word needs no second look at all that is in it.
    const isData = value instanceof Prepared || value instanceof Received || isEncoded(value);
    const text = JSON.stringify(value, isData ? undefined : plainOrDropped) ?? null;
    if (redact === undefined || text === null) return text;
    return JSON.stringify(redacted(JSON.parse(text), redact, [at])) ?? null;
  } catch (error) {
    // What was paid for is kept, whatever of it has no form in JSON. What `redact` throws is no matter of form.
    if (redact !== undefined) throw error;
    return JSON.stringify(plainOrLeftOut(value)) ?? null;
  }
}

function redacted(value: unknown, redact: Redact, path: readonly (string | number)[]): unknown {
  const given = redact(value, path);
  if (given !== value || typeof given !== "object" || given === null) return given;
  if (Array.isArray(given)) return given.map((item, index) => redacted(item, redact, [...path, index]));
  const copy = {};
  for (const [key, item] of Object.entries(given)) {
    // An own `__proto__` stays a property.
    const held = {
      value: redacted(item, redact, [...path, key]),
      enumerable: true,
      writable: true,
      configurable: true,
    };
    Object.defineProperty(copy, key, held);
  }
  return copy;
}

/** True for a value that JSON gives back as it is. */
export function isExact(value: unknown): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== "object") return false;
  if (Array.isArray(value)) return Object.keys(value).length === value.length && value.every(isExact);
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) return false;
  for (const key of Object.keys(value)) {
    if (key === "toJSON" || key === "__proto__" || !isExact((value as Record<string, unknown>)[key])) return false;
  }
  return true;
}

interface StoredLoop {
  readonly status: string;
  readonly pending: readonly object[];
  readonly state: object;
  readonly turns: SavedHistory;
  readonly conversation: SavedHistory;
  readonly cost: number | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

function loopOf(loop: NonNullable<Asked["loop"]>): StoredLoop {
  const { status, pending, state, cost, inputTokens, outputTokens } = loop;
  const [turns, conversation] = [loop.turns, loop.conversation].map(saveHistory) as [SavedHistory, SavedHistory];
  return { status, pending, state, turns, conversation, cost, inputTokens, outputTokens };
}

/** The value of a stored answer: what awaiting the call would have given. */
export async function readStored(node: Node, stored: StoredAnswer): Promise<unknown> {
  const { exact, value, loop, prepared, received } = stored;
  if (exact === 1) return JSON.parse(value ?? "null");
  const [plan, came] = [JSON.parse(prepared ?? "null"), JSON.parse(received ?? "null")];
  if (loop === null) return readerOf(node, plan, came).read(plan, came);
  const { turns, conversation, ...kept } = JSON.parse(loop) as StoredLoop;
  const responses: unknown[] = [];
  for (const [index, one] of (plan as unknown[]).entries()) {
    const answer = (came as unknown[])[index];
    responses.push(await readerOf(node, one, answer).read(one as never, answer as never));
  }
  const told = { cost: kept.cost, inputTokens: kept.inputTokens, outputTokens: kept.outputTokens };
  const [added, whole] = [turns, conversation].map(loadHistory) as [Message[], Message[]];
  return { ...kept, ...told, turns: added, conversation: whole, responses, response: responses.at(-1) };
}

/** The call that a stored answer belongs to: of several in one, the leg that answered. */
function readerOf(
  node: Node,
  prepared: { provider?: unknown; model?: unknown } | unknown,
  received: { leg?: unknown } | unknown,
): TypedCall<ProviderTypes, unknown[], unknown> {
  const leaves = leavesOf(node);
  const { provider, model } = (prepared ?? {}) as { provider?: unknown; model?: unknown };
  const { leg } = (received ?? {}) as { leg?: unknown };
  const fits = (leaf: (typeof leaves)[number]) => leaf.provider.name === provider;
  const named = typeof leg === "number" ? leaves[leg] : undefined;
  const found =
    (named !== undefined && fits(named) ? named : undefined) ??
    leaves.find((leaf) => fits(leaf) && leaf.model === model) ??
    leaves.find(fits) ??
    leaves[0];
  return bind(found as (typeof leaves)[number]);
}
