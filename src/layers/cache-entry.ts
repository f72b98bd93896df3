import type { Answer } from "../contract/answer.ts";
import type { Draft, Provider, ProviderTypes } from "../contract/provider.ts";
import { withoutConnection } from "../contract/received.ts";
import { withJsonNumbers } from "../json/json-numbers.ts";
import { decodeBytes, encodeBytes } from "../message/history.ts";
import type { CallResponse } from "../read/response.ts";
import type { OutgoingRequest } from "../send/outgoing.ts";
import { extract } from "../structured/extract.ts";

type P = ProviderTypes;

/** An answer as it lies in a store: the response, or the events of a stream. Neither headers nor keys are in it. */
export interface CacheEntry {
  readonly version: 1;
  /** Epoch milliseconds; `null` for one that is kept for ever. */
  readonly until: number | null;
  readonly response?: unknown;
  readonly events?: readonly unknown[];
}

/** The entry in a text; `undefined` for what is none, or too old. */
export function parseEntry(text: string | null | undefined): CacheEntry | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const entry = JSON.parse(text) as CacheEntry | null;
    if (entry?.version !== 1) return undefined;
    return entry.until === null || entry.until > Date.now() ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** What an SDK gave, in a form that survives JSON. */
export function toStored(given: object, { connection }: Provider<P>): unknown {
  return encodeBytes(withJsonNumbers(withoutConnection(given, connection)));
}

/** The same as the SDK gave it: of its class, where it has one. */
export async function fromStored(stored: unknown, provider: Provider<P>): Promise<object> {
  // A copy for each who asks.
  const plain = decodeBytes(stored) as object;
  return (await provider.revive?.(plain)) ?? plain;
}

/** The whole answer that events make; `undefined` where they do not come to their proper end. */
export async function foldStored(events: readonly unknown[], provider: Provider<P>): Promise<object | undefined> {
  const draft: Draft<P> = { response: undefined, calls: [], done: false };
  for (const event of events) provider.readChunk(await fromStored(event, provider), draft);
  return draft.done ? draft.response : undefined;
}

/** The answer that a response makes, where it may stand again: whole, not cut, not refused, fitting its model. */
export async function answerThatFits(request: OutgoingRequest<P>, response: object): Promise<Answer | undefined> {
  const { output } = request.origin.plan;
  try {
    const answer = request.read({ response });
    const { stopReason, refusal } = answer;
    if (refusal !== undefined || (stopReason !== "stop" && stopReason !== "tool_calls")) return undefined;
    // With tools beside a response model the model may choose one of them.
    if (output?.schema === undefined || (request.prepared.tools.length > 0 && answer.toolCalls !== undefined)) {
      return answer;
    }
    // What `read` gives is a response of the call.
    await extract(answer as CallResponse<P>, output);
    return answer;
  } catch {
    return undefined;
  }
}
