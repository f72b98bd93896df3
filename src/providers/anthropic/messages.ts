import type Anthropic from "@anthropic-ai/sdk";
import { beginsWithAnswer, checkTurns, opening } from "../../contract/conversation.ts";
import type { ToolResult } from "../../contract/provider.ts";
import { PromptError } from "../../errors/errors.ts";
import { isMessage } from "../../message/message.ts";
import type { Message } from "../../message/parts.ts";
import { toBlocks, toResultBlock } from "./blocks.ts";
import { withoutContainer } from "./turn.ts";
import type { AnthropicTypes } from "./types.ts";

type Block = Anthropic.ContentBlockParam;
type System = string | Anthropic.TextBlockParam[];

/** A conversation as the API takes it: the system prompt apart from the turns. */
export interface Conversation {
  readonly system: System | undefined;
  readonly messages: Anthropic.MessageParam[];
  /** The container of the code that waits for what is sent. */
  readonly container: string | undefined;
}

/**
 * The messages as this API has them; native ones pass as they are. System messages become one `system` field, after the
 * caller's own, wherever they stand: the API takes them among the turns too, but of some models only and in some places,
 * so that is for native messages (https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages).
 */
export function toConversation(
  messages: readonly (Message | Anthropic.MessageParam)[],
  system: System | null | undefined,
): Conversation {
  const begun: Begun = { systems: system ? [system] : [], turns: [], results: undefined };
  for (const [index, message] of messages.entries()) {
    const { role, content, native } = message as Message;
    // Text of a user or an assistant is the same in both forms, and passes as it is.
    const isSaid = role === "user" || (role === "assistant" && content !== "");
    if (typeof content === "string" && native === undefined && isSaid) {
      begun.turns.push(message as Anthropic.MessageParam);
      begun.results = undefined;
    } else add(begun, message, index);
  }
  const { systems, turns } = begun;
  // "messages: first message must use the "user" role", https://platform.claude.com/docs/en/api/messages: not every
  // model and cloud says so any more, but some do (https://github.com/anthropics/anthropic-sdk-typescript/issues/622).
  if (turns[0]?.role === "assistant" && beginsWithAnswer(messages)) turns.unshift({ role: "user", content: opening });
  checkTurns("anthropic", turns);
  const container = waitingIn(turns);
  return {
    system: systems.length > 1 ? joinSystem(systems) : systems[0],
    messages: turns.some((turn) => "container" in turn) ? turns.map(withoutContainer) : turns,
    container,
  };
}

function waitingIn(turns: readonly Anthropic.MessageParam[]): string | undefined {
  const last = turns.findLast(({ role }) => role === "assistant") as AnthropicTypes["AssistantMessage"] | undefined;
  return last?.container;
}

interface Begun {
  readonly systems: System[];
  readonly turns: Anthropic.MessageParam[];
  /** The tool results of the turn that is being added to. */
  results: Block[] | undefined;
}

function add(begun: Begun, message: Message | Anthropic.MessageParam, index: number): void {
  const { systems, turns } = begun;
  const native = nativeOf(message, index);
  if (native !== undefined) {
    begun.results = undefined;
    // The API wants no system message first.
    if (native.role === "system" && turns.length === 0) systems.push(native.content as System);
    else turns.push(native);
    return;
  }
  const { role, content } = message as Message;
  const blocks = toBlocks(content, role);
  // Nothing but thoughts of another provider, or empty text: the API takes no empty turn.
  if (blocks.length === 0) return;
  if (role === "system") systems.push(toSystem(blocks as Anthropic.TextBlockParam[]));
  else if (role === "tool" && begun.results !== undefined) begun.results.push(...blocks);
  else {
    turns.push({ role: role === "tool" ? "user" : role, content: typeof content === "string" ? content : blocks });
    // All results of one turn belong into one message.
    begun.results = role === "tool" ? blocks : undefined;
  }
}

function toSystem(blocks: Anthropic.TextBlockParam[]): System {
  const [first] = blocks;
  return blocks.length === 1 && first?.cache_control === undefined ? (first?.text ?? "") : blocks;
}

function joinSystem(systems: readonly System[]): System {
  if (systems.every((one) => typeof one === "string")) return systems.join("\n\n");
  return systems.flatMap((one) => (typeof one === "string" ? [{ type: "text" as const, text: one }] : one));
}

const roles: readonly unknown[] = ["user", "assistant", "system"];

/** The provider's own message, where it is one; `undefined` for a neutral one. */
function nativeOf(message: Message | Anthropic.MessageParam, index: number): Anthropic.MessageParam | undefined {
  if (isMessage(message)) {
    return message.native?.provider === "anthropic" ? (message.native.message as Anthropic.MessageParam) : undefined;
  }
  const { role, content } = message;
  if (roles.includes(role) && (typeof content === "string" || Array.isArray(content))) return message;
  throw new PromptError(
    `Message ${index} is not a message of anthropic: it needs the role user, assistant or system and text or blocks as its content; its role is ${JSON.stringify(role)}.`,
  );
}

/** All tool results in one message, as the API wants them. */
export function toToolMessages(results: readonly ToolResult<AnthropicTypes>[]): Anthropic.UserMessageParam[] {
  if (results.length === 0) return [];
  const content = results.map(({ call, output, isError }) => {
    const { toolset_name } = call.native;
    return { ...toResultBlock(call.id, output, isError), ...(toolset_name && { toolset_name }) };
  });
  return [{ role: "user", content }];
}
