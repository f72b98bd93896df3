import { Changes, changed } from "../contract/changes.ts";
import { fitConversation } from "../contract/conversation.ts";
import type { CallRequest, NativeRequest, Provider, ProviderTypes } from "../contract/provider.ts";
import { toWellFormed } from "../json/well-formed.ts";
import type { Message } from "../message/parts.ts";

const none: readonly string[] = [];

/** The provider's own request, of a conversation that may have begun elsewhere, and what was changed on the way. */
export function toNative<P extends ProviderTypes>(provider: Provider<P>, neutral: CallRequest<P>): NativeRequest<P> {
  // Text that the user or the system says, and nothing beside it, needs no looking at.
  let plain = neutral.tools.length === 0 && neutral.output === undefined;
  for (const { role, content, native } of neutral.messages as readonly Message[]) {
    plain &&= role !== "assistant" && native === undefined && typeof content === "string" && content.isWellFormed();
  }
  for (const value of Object.values(neutral.callParams)) {
    plain &&= typeof value === "string" ? value.isWellFormed() : typeof value !== "object" || value === null;
  }
  if (plain) return provider.params(neutral);
  const changes = new Changes();
  const { note } = changes;
  const messages = fitConversation<P["Message"]>(neutral.messages, provider, note);
  const native = toWellFormed(provider.params({ ...neutral, messages, note }), () => note(changed.halves));
  return { ...native, changes: [...(native.changes ?? none), ...changes.sentences] };
}
