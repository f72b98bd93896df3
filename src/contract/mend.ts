import { mendArguments } from "../json/arguments.ts";
import { bareMedia } from "../message/data-url.ts";
import { isMessage } from "../message/message.ts";
import type { Message, NativeOrigin, Part, ResultPart } from "../message/parts.ts";
import { changed, type Note } from "./changes.ts";

/** What of a provider decides how a turn is mended. */
export interface Mender {
  readonly name: string;
  readonly kin?: readonly string[];
  mendTurn?(turn: object, note: Note): object | undefined;
}

/** True for a turn that came from this provider, or from one that speaks its wire: it goes back as it is. */
export function isOwn(
  message: Message,
  { name, kin = [] }: Pick<Mender, "name" | "kin">,
): message is Message & { readonly native: NativeOrigin } {
  const { native } = message;
  return native !== undefined && (native.provider === name || kin.includes(native.provider));
}

/**
 * The messages without what no service takes back, or takes only once: answers that say nothing, empty texts, arguments
 * that are no JSON, data that is a whole `data:` URL. A provider's own turns are mended by the provider; what there is
 * nothing wrong with stays the very same. Throws `PromptError` for a medium that contradicts itself.
 */
export function mendTurns<M extends object>(
  messages: readonly (Message | M)[],
  mender: Mender,
  note: Note,
): readonly (Message | M)[] {
  let mended: (Message | M)[] | undefined;
  for (const [index, message] of messages.entries()) {
    const turn = mend(message, mender, note);
    if (turn !== message) mended ??= messages.slice(0, index);
    // A provider's own turn stays one when it is mended.
    if (turn !== undefined) mended?.push(turn as Message | M);
  }
  return mended ?? messages;
}

function mend(message: object, mender: Mender, note: Note): object | undefined {
  const own = (turn: object) => (mender.mendTurn === undefined ? turn : mender.mendTurn(turn, note));
  if (!isMessage(message)) return own(message);
  if (isOwn(message, mender)) {
    const { native } = message;
    const turn = own(native.message);
    return turn === native.message ? message : turn && { ...message, native: { ...native, message: turn } };
  }
  if (message.role === "assistant") return mendAnswer(message, note);
  return message.role === "system" ? message : withBareMedia(message);
}

function mendAnswer(message: Message, note: Note): Message | undefined {
  const { content } = message;
  const saysNothing = typeof content === "string" ? content.trim() === "" : !content.some(speaks);
  if (saysNothing) {
    note(changed.silent);
    return undefined;
  }
  if (typeof content === "string") return message;
  const parts = content.flatMap((part) => mendPart(part, note));
  const isSame = parts.length === content.length && parts.every((part, index) => part === content[index]);
  return isSame ? message : { ...message, content: parts };
}

function speaks(part: Part): boolean {
  return (
    part.type !== "thinking" && part.type !== "cache_control" && !(part.type === "text" && part.text.trim() === "")
  );
}

function mendPart(part: Part, note: Note): Part[] {
  if (part.type === "text" && part.text === "") {
    note(changed.blank);
    return [];
  }
  if (part.type !== "tool_call") return [part];
  const mended = mendArguments(part.arguments);
  if (mended === part.arguments) return [part];
  note(changed.arguments);
  return [{ ...part, arguments: mended }];
}

function withBareMedia(message: Message): Message {
  const { content } = message;
  if (typeof content === "string") return message;
  const parts = content.map(bare);
  return parts.every((part, index) => part === content[index]) ? message : { ...message, content: parts };
}

function bare(part: Part): Part {
  if (part.type !== "tool_result" || typeof part.content === "string") return bareMedia(part);
  // A result's pieces stay what they were: only their data is written in another way.
  const content = part.content.map(bareMedia) as readonly ResultPart[];
  return content.every((piece, index) => piece === part.content[index]) ? part : { ...part, content };
}
