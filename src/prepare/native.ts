import { type Changes, changed } from "../contract/changes.ts";
import { fitConversation } from "../contract/conversation.ts";
import type { CallRequest, NativeRequest, Provider, ProviderTypes } from "../contract/provider.ts";
import { toWellFormed } from "../json/well-formed.ts";

/** A conversation, which may have begun elsewhere, as its provider takes it; what is changed on the way is counted in `changes`. */
export function convert<P extends ProviderTypes>(
  provider: Provider<P>,
  neutral: CallRequest<P>,
  { note }: Changes,
): NativeRequest<P> {
  const messages = fitConversation<P["Message"]>(neutral.messages, provider, note);
  return toWellFormed(provider.params({ ...neutral, messages, note }), () => note(changed.halves));
}
