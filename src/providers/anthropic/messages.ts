import type Anthropic from "@anthropic-ai/sdk";
import { UnsupportedError } from "../../errors.ts";
import { isMessage, type Message, type Part } from "../../message.ts";
import type { ToolResult } from "../../provider.ts";
import { toMediaBlock } from "./media.ts";
import type { AnthropicTypes } from "./provider.ts";

type Block = Anthropic.ContentBlockParam;

/** A conversation as the API takes it: the system prompt apart from the turns. */
export interface Conversation {
  readonly system: Anthropic.MessageCreateParams["system"] | undefined;
  readonly messages: Anthropic.MessageParam[];
}

/**
 * The messages as this API has them; native ones pass as they are. System messages become the one `system` field, after
 * `system`, the caller's own, wherever they stand: only some models take them among the turns, so that whoever wants
 * that writes it natively, https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages.
 */
export function toConversation(
  messages: readonly (Message | Anthropic.MessageParam)[],
  system: Anthropic.MessageCreateParams["system"],
): Conversation {
  const systems = system ? [system] : [];
  const turns: Anthropic.MessageParam[] = [];
  let results: Block[] | undefined;
  for (const [index, message] of messages.entries()) {
    const native = nativeOf(message, index);
    if (native === undefined && message.role === "tool") {
      // All results of one turn belong into one message.
      if (results === undefined) turns.push({ role: "user", content: (results = []) });
      results.push(...toBlocks((message as Message).content, "tool"));
      continue;
    }
    results = undefined;
    const turn = native ?? toTurn(message as Message);
    // Nothing but thoughts of another provider: the API takes no empty turn.
    if (native === undefined && turn.role === "assistant" && isEmptyList(turn.content)) continue;
    // The first turn cannot be the system's.
    if (turn.role !== "system" || (native !== undefined && turns.length > 0)) turns.push(turn);
    else systems.push(turn.content as string | Anthropic.TextBlockParam[]);
  }
  return { system: joinSystem(systems), messages: turns };
}

function isEmptyList(content: string | readonly Block[]): boolean {
  return typeof content !== "string" && content.length === 0;
}

function joinSystem(systems: readonly (string | Anthropic.TextBlockParam[])[]): Conversation["system"] {
  const said = systems.filter(({ length }) => length > 0);
  if (said.length <= 1) return said[0];
  if (said.every((one) => typeof one === "string")) return said.join("\n\n");
  return said.flatMap((one) => (typeof one === "string" ? [{ type: "text", text: one }] : one));
}

const roles: readonly unknown[] = ["user", "assistant", "system"];

function nativeOf(message: Message | Anthropic.MessageParam, index: number): Anthropic.MessageParam | undefined {
  if (isMessage(message)) {
    return message.native?.provider === "anthropic" ? (message.native.message as Anthropic.MessageParam) : undefined;
  }
  const { role, content } = message;
  if (roles.includes(role) && (typeof content === "string" || Array.isArray(content))) return message;
  throw new TypeError(
    `Message ${index} is no message of anthropic: it needs the role user, assistant or system and a content of text or blocks; its role is ${JSON.stringify(role)}.`,
  );
}

function toTurn({ role, content }: Message): Anthropic.MessageParam {
  if (typeof content === "string") return { role, content } as Anthropic.MessageParam;
  const blocks = toBlocks(content, role);
  const [first] = blocks;
  const bare = role === "system" && blocks.length === 1 && first?.type === "text" && first.cache_control === undefined;
  return { role, content: bare ? first.text : blocks } as Anthropic.MessageParam;
}

const accepted: { readonly [R in Message["role"]]: readonly Part["type"][] } = {
  system: ["text", "cache_control"],
  user: ["text", "image", "document", "cache_control"],
  // A thought belongs to the provider that had it: ours come back in native form, others are neither read nor checked.
  assistant: ["text", "thinking", "tool_call", "cache_control"],
  tool: ["tool_result", "cache_control"],
};

function toBlocks(content: Message["content"], role: Message["role"]): Block[] {
  const parts: readonly Part[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
  const blocks: Block[] = [];
  for (const part of parts) {
    if (!accepted[role].includes(part.type)) throw unsupported(part.type, role);
    if (part.type === "cache_control") blocks.push(cached(blocks.pop(), part.ttl, role));
    // The API refuses empty text.
    else if (part.type !== "thinking" && !(part.type === "text" && part.text === "")) blocks.push(toBlock(part, role));
  }
  return blocks;
}

// https://platform.claude.com/docs/en/build-with-claude/prompt-caching: the mark stands on the block it ends with.
function cached(block: Block | undefined, ttl: "5m" | "1h" | undefined, role: Message["role"]): Block {
  if (block === undefined) throw unsupported("cache_control", role, "the first place of ");
  return { ...block, cache_control: { type: "ephemeral", ...(ttl !== undefined && { ttl }) } } as Block;
}

function toBlock(part: Part, role: Message["role"]): Block {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
    case "document":
      return toMediaBlock(part);
    case "tool_call":
      return { type: "tool_use", id: part.id, name: part.name, input: toInput(part.arguments) };
    case "tool_result":
      return toResult(part.id, part.content, part.isError);
    default:
      throw unsupported(part.type, role);
  }
}

function unsupported(kind: string, role: Message["role"], place = ""): UnsupportedError {
  const kinds = accepted[role].join(", ");
  const message = `anthropic takes no ${kind} part in ${place}a message of the role ${role}; it takes ${kinds}.`;
  return new UnsupportedError("anthropic", kind, message);
}

function toResult(id: string, content: string, isError: boolean | undefined): Anthropic.ToolResultBlockParam {
  return { type: "tool_result", tool_use_id: id, content, ...(isError && { is_error: true }) };
}

// The API takes objects only; what is none goes back in the wrapper it recommends,
// https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming#handling-invalid-json-in-tool-responses.
function toInput(text: string): object {
  try {
    const input: unknown = JSON.parse(text.trim() || "{}");
    if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  } catch {}
  return { INVALID_JSON: text };
}

/** The assistant's turn as it is sent back: its blocks, to the byte. */
export function toAssistantMessage({ content }: Anthropic.Message): Anthropic.AssistantMessageParam {
  const blocks = content as Block[];
  // Only a stream that was cut in a call, or a model that wrote no JSON, leaves text where an object belongs.
  const broken = (block: Block) => "input" in block && typeof block.input === "string";
  if (!blocks.some(broken)) return { role: "assistant", content: blocks };
  const whole = blocks.map((block) =>
    broken(block) ? ({ ...block, input: toInput((block as { input: string }).input) } as Block) : block,
  );
  return { role: "assistant", content: whole };
}

/** All tool results in one message, as the API wants them. */
export function toToolMessages(results: readonly ToolResult<AnthropicTypes>[]): Anthropic.UserMessageParam[] {
  if (results.length === 0) return [];
  const content = results.map(({ call, output, isError }) => {
    const { toolset_name } = call.native;
    return { ...toResult(call.id, output, isError), ...(toolset_name && { toolset_name }) };
  });
  return [{ role: "user", content }];
}
