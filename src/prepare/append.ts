import { Changes } from "../contract/changes.ts";
import { isOwn } from "../contract/mend.ts";
import type { CallRequest, NativeRequest, Provider, ProviderTypes } from "../contract/provider.ts";
import { isMessage } from "../message/message.ts";
import type { Message } from "../message/parts.ts";
import { convert } from "./native.ts";

/** How the request of a conversation grows: where its messages stand, and how many of them its beginning is. */
export interface Growth {
  /** The system messages and the first that a user wrote: beside them a turn is converted as in the whole. */
  readonly head: readonly Message[];
  readonly count: number;
  readonly key: string;
}

/** A conversation in its provider's form, and how it grows. */
export interface Grown<P extends ProviderTypes> {
  readonly native: NativeRequest<P>;
  readonly growth: Growth;
}

/** What is known of the conversation that is gone on with. */
interface Before<P extends ProviderTypes> {
  readonly neutral: CallRequest<P>;
  readonly messages: readonly P["Message"][];
  readonly request: P["Request"];
  readonly growth: Growth | undefined;
}

/**
 * A conversation with one more step of a tool loop (the provider's own answer, and the results of its calls) in its
 * provider's form: only the new turns are converted, so that a step costs the same however many there were before.
 * `undefined` where that could come to anything else than a conversion of the whole.
 */
export function appendStep<P extends ProviderTypes>(
  provider: Provider<P>,
  { neutral, messages, request, growth: known }: Before<P>,
  turns: readonly (Message | P["Message"])[],
): Grown<P> | undefined {
  if (neutral.output !== undefined || !isStep(turns, provider)) return undefined;
  const growth = known ?? growthOf(provider, neutral, messages, request);
  if (growth === undefined) return undefined;
  const { head, count, key } = growth;
  const converted = convertUnchanged(provider, { ...neutral, messages: [...head, ...turns] });
  // What is changed is counted over the whole conversation.
  if (converted === undefined) return undefined;
  const grown = [...messages, ...converted.messages.slice(count)];
  return { native: { ...converted, request: { ...converted.request, [key]: grown }, messages: grown }, growth };
}

function isStep<P extends ProviderTypes>(turns: readonly object[], provider: Provider<P>): boolean {
  const [answer, results, ...more] = turns;
  if (answer === undefined || results === undefined || more.length > 0) return false;
  if (!isMessage(answer) || answer.role !== "assistant" || !isOwn(answer, provider)) return false;
  if (!isMessage(results) || results.role !== "tool" || typeof results.content === "string") return false;
  // A medium may be named by those before it.
  return results.content.every((part) => part.type === "tool_result" && typeof part.content === "string");
}

function growthOf<P extends ProviderTypes>(
  provider: Provider<P>,
  neutral: CallRequest<P>,
  messages: readonly P["Message"][],
  request: P["Request"],
): Growth | undefined {
  const all = neutral.messages as readonly object[];
  const first = all.findIndex((message) => !isMessage(message) || message.role !== "system");
  const head = all.slice(0, first + 1);
  if (first === -1 || !head.every(isMessage) || head.at(-1)?.role !== "user") return undefined;
  const rest = all.slice(first + 1);
  if (rest.some((message) => !isMessage(message) || message.role === "system")) return undefined;
  if (!["user", "tool"].includes((all.at(-1) as Message).role)) return undefined;
  const key = Object.keys(request).find((name) => (request as Record<string, unknown>)[name] === messages);
  const count =
    key === undefined ? undefined : convertUnchanged(provider, { ...neutral, messages: head })?.messages.length;
  return key === undefined || count === undefined ? undefined : { head, count, key };
}

/** A conversation in its provider's form where nothing of it has to be changed for that. */
function convertUnchanged<P extends ProviderTypes>(
  provider: Provider<P>,
  neutral: CallRequest<P>,
): NativeRequest<P> | undefined {
  const changes = new Changes();
  try {
    const native = convert(provider, neutral, changes);
    return changes.sentences.length === 0 ? native : undefined;
  } catch {
    // The conversion of the whole says what is wrong, by the message's own place.
    return undefined;
  }
}
