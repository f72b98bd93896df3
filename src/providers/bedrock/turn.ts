import type { ContentBlock, Message } from "@aws-sdk/client-bedrock-runtime";
import { changed, type Note } from "../../contract/changes.ts";
import { mendInput } from "../../json/arguments.ts";

/**
 * An assistant's turn as Converse takes it back: without blank texts and unsigned thoughts, the input of a call an
 * object. `undefined` for one that says nothing.
 */
export function mendTurn(message: Message, note: Note): Message | undefined {
  const { role, content } = message;
  if (role !== "assistant" || (content !== undefined && !Array.isArray(content))) return message;
  if (!content?.some(speaks)) {
    note(changed.silent);
    return undefined;
  }
  const kept = content.flatMap((block) => mendBlock(block, note));
  const isSame = kept.length === content.length && kept.every((block, index) => block === content[index]);
  return isSame ? message : { ...message, content: kept };
}

function speaks(block: ContentBlock): boolean {
  return block?.reasoningContent === undefined && block?.cachePoint === undefined && !isBlank(block);
}

// "The text field in the ContentBlock object is blank."
function isBlank({ text }: ContentBlock): boolean {
  return typeof text === "string" && text.trim() === "";
}

function mendBlock(block: ContentBlock, note: Note): ContentBlock[] {
  if (isBlank(block)) {
    note(changed.blank);
    return [];
  }
  // Models without signatures, such as DeepSeek's, refuse their own thoughts:
  // https://docs.aws.amazon.com/bedrock/latest/userguide/inference-reasoning.html
  const { reasoningText } = block.reasoningContent ?? {};
  if (reasoningText !== undefined && !reasoningText.signature) {
    note("Thoughts without a signature are left out");
    return [];
  }
  const { toolUse } = block;
  if (toolUse === undefined) return [block];
  const input = mendInput(toolUse.input);
  if (input === toolUse.input) return [block];
  note(changed.arguments);
  return [{ ...block, toolUse: { ...toolUse, input: input as typeof toolUse.input & object } } as ContentBlock];
}
