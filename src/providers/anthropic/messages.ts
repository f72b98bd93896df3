import type Anthropic from "@anthropic-ai/sdk";
import { isMessage, type Message } from "../../message.ts";
import type { ToolResult } from "../../provider.ts";
import { toBlocks, toInput, toResultBlock } from "./blocks.ts";
import type { AnthropicTypes } from "./provider.ts";

type Block = Anthropic.ContentBlockParam;
type System = string | Anthropic.TextBlockParam[];

/** A conversation as the API takes it: the system prompt apart from the turns. */
export interface Conversation {
  readonly system: System | undefined;
  readonly messages: Anthropic.MessageParam[];
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
  const systems: System[] = system ? [system] : [];
  const turns: Anthropic.MessageParam[] = [];
  let results: Block[] | undefined;
  for (const [index, message] of messages.entries()) {
    const native = nativeOf(message, index);
    if (native === undefined && message.role === "tool") {
      // All results of one turn belong into one message.
      if (results === undefined) {
        results = [];
        turns.push({ role: "user", content: results });
      }
      results.push(...toBlocks((message as Message).content, "tool"));
      continue;
    }
    results = undefined;
    const turn = native ?? toTurn(message as Message);
    const isOwnSystem = turn.role === "system" && (native === undefined || turns.length === 0);
    if (isOwnSystem) systems.push(turn.content);
    // Where nothing but thoughts of another provider was said: the API takes no empty turn.
    else if (native !== undefined || turn.role !== "assistant" || turn.content.length > 0) turns.push(turn);
  }
  return { system: joinSystem(systems), messages: turns };
}

function joinSystem(systems: readonly System[]): System | undefined {
  const said = systems.filter(({ length }) => length > 0);
  if (said.length <= 1) return said[0];
  if (said.every((one) => typeof one === "string")) return said.join("\n\n");
  return said.flatMap((one) => (typeof one === "string" ? [{ type: "text" as const, text: one }] : one));
}

const roles: readonly unknown[] = ["user", "assistant", "system"];

function nativeOf(message: Message | Anthropic.MessageParam, index: number): Anthropic.MessageParam | undefined {
  if (isMessage(message)) {
    return message.native?.provider === "anthropic" ? (message.native.message as Anthropic.MessageParam) : undefined;
  }
  const { role, content } = message;
  if (roles.includes(role) && (typeof content === "string" || Array.isArray(content))) return message;
  throw new TypeError(
    `Message ${index} is no message of anthropic: it needs the role user, assistant or system and text or blocks as its content; its role is ${JSON.stringify(role)}.`,
  );
}

function toTurn({ role, content }: Message): Anthropic.MessageParam {
  const blocks = typeof content === "string" ? content : toBlocks(content, role);
  const [first] = role === "system" && blocks.length === 1 ? blocks : [];
  const text = typeof first === "object" && first.type === "text" && !first.cache_control ? first.text : undefined;
  // Tool messages were dealt with; the roles and blocks that are left are the API's.
  return { role, content: text ?? blocks } as Anthropic.MessageParam;
}

/** The assistant's turn as it is sent back: its blocks, to the byte. */
export function toAssistantMessage({ content }: Anthropic.Message): Anthropic.AssistantMessageParam {
  const blocks = content as Block[];
  // Only a stream whose tool call is no JSON leaves text where the API wants an object.
  if (!blocks.some(hasTextInput)) return { role: "assistant", content: blocks };
  const whole = blocks.map((block) => (hasTextInput(block) ? { ...block, input: toInput(block.input) } : block));
  return { role: "assistant", content: whole };
}

function hasTextInput(block: Block): block is Anthropic.ToolUseBlockParam & { input: string } {
  return "input" in block && typeof block.input === "string";
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
