import type Anthropic from "@anthropic-ai/sdk";
import { changed, type Note } from "../../contract/changes.ts";
import { isMended, mendInput } from "../../json/arguments.ts";
import type { AnthropicTypes } from "./types.ts";

type Block = Anthropic.ContentBlockParam;
type AssistantTurn = AnthropicTypes["AssistantMessage"];

/** The assistant's turn as it is sent back: its blocks, to the byte, but for what the API would not take. */
export function toAssistantMessage(message: Anthropic.Message): AssistantTurn {
  const blocks = message.content as Block[];
  // Only a stream whose call is no JSON leaves text where the API wants an object.
  const content = blocks.some(hasTextInput) ? blocks.map(mendInputOf) : blocks;
  const container = containerOf(message);
  return { role: "assistant", content, ...(container !== undefined && { container }) };
}

// The code that called a tool, or was stopped on the way, waits in this container for what comes next:
// https://platform.claude.com/docs/en/agents-and-tools/tool-use/programmatic-tool-calling
function containerOf({ content, container, stop_reason }: Anthropic.Message): string | undefined {
  const isWaiting =
    stop_reason === "pause_turn" ||
    content.some((block) => block?.type === "tool_use" && !!block.caller && block.caller.type !== "direct");
  return isWaiting ? container?.id : undefined;
}

/** The turn as the API has it: the container goes beside the messages. */
export function withoutContainer(turn: Anthropic.MessageParam): Anthropic.MessageParam {
  if (!("container" in turn)) return turn;
  const { container: _, ...message } = turn as AssistantTurn;
  return message;
}

/**
 * An assistant's turn as the API takes it back: without blank texts, the input of a call an object. `undefined` for one
 * that says nothing: "The final block in an assistant message cannot be `thinking`", and there is no empty message.
 */
export function mendTurn(message: Anthropic.MessageParam, note: Note): Anthropic.MessageParam | undefined {
  const { role, content } = message;
  if (role !== "assistant") return message;
  // What is no content is for the check of native messages.
  if (typeof content !== "string" && !Array.isArray(content)) return message;
  const blocks: readonly Block[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
  if (!blocks.some(speaks)) {
    note(changed.silent);
    return undefined;
  }
  if (typeof content === "string") return message;
  const kept = content.flatMap((block) => mendBlock(block, note));
  const isSame = kept.length === content.length && kept.every((block, index) => block === content[index]);
  return isSame ? message : { ...message, content: kept };
}

function speaks(block: Block): boolean {
  return block?.type !== "thinking" && !isBlank(block);
}

// "text content blocks must contain non-whitespace text": models write empty lines before they call a tool.
function isBlank(block: Block): boolean {
  return block?.type === "text" && !block.text?.trim();
}

function mendBlock(block: Block, note: Note): Block[] {
  if (isBlank(block)) {
    note(changed.blank);
    return [];
  }
  const mended = mendInputOf(block);
  if (mended !== block || isWrapped(block)) note(changed.arguments);
  return [mended];
}

function hasTextInput(block: Block): boolean {
  return block?.type === "tool_use" && typeof block.input === "string";
}

function mendInputOf(block: Block): Block {
  if (block?.type !== "tool_use") return block;
  const input = mendInput(block.input);
  return input === block.input ? block : { ...block, input };
}

// What was mended when the answer was made into a turn is told of as well.
function isWrapped(block: Block): boolean {
  return block?.type === "tool_use" && isMended(block.input);
}
