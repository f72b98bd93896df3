import type OpenAI from "openai";
import type { ToolResult } from "../../../contract/provider.ts";
import { PromptError } from "../../../errors/errors.ts";
import { isMessage, textOf } from "../../../message/message.ts";
import type { Message, Part, ResultContent } from "../../../message/parts.ts";
import { providerName, toContent, unsupported } from "./content.ts";
import type { OpenAIResponsesTypes } from "./types.ts";

type Item = OpenAI.Responses.ResponseInputItem;

/**
 * The messages as input items. A system message stays where it stands, as an item: the conversation is sent byte for
 * byte as it was written, and the prompt cache sees the same beginning every time. `instructions`, which the API puts
 * before all input and forgets with the next response, is the caller's to set in `callParams`.
 * https://developers.openai.com/api/docs/guides/conversation-state
 */
export function toInputItems(messages: readonly object[]): Item[] {
  return messages.flatMap((message, index) => {
    if (!isMessage(message)) return fromNative(message, index);
    const { native, role, content } = message;
    if (native?.provider === providerName) return fromNative(native.message, index);
    if (role === "tool") return toResults(content);
    // A neutral text is word for word what the API takes.
    if (typeof content === "string") return [(native === undefined ? message : { role, content }) as Item];
    if (role === "assistant") return toTurn(content);
    const single = role === "system" && content.length === 1 && content[0]?.type === "text";
    return [{ role, content: single ? textOf(content) : toContent(role, content) }];
  });
}

const roles: readonly unknown[] = ["user", "assistant", "system", "developer"];

function fromNative(message: object, index: number): readonly Item[] {
  const { type, role, output } = message as { readonly [key: string]: unknown };
  // The API gives and takes the same items; their types differ in what may be absent.
  if (role === "assistant" && Array.isArray(output)) return output as Item[];
  if (isItem(message as { readonly [key: string]: unknown })) return [message as Item];
  throw new PromptError(
    `Message ${index} is not an input item of ${providerName}: it has the type ${JSON.stringify(type)} and the role ` +
      `${JSON.stringify(role)}, where an item has a type of its own, or content and one of the roles ${roles.join(", ")}.`,
  );
}

// A message may leave its type out, and a reference to an earlier item may be nothing but an id.
function isItem({ type, role, content, id }: { readonly [key: string]: unknown }): boolean {
  if (typeof type === "string" && type !== "message") return true;
  if (role !== undefined) return roles.includes(role) && (typeof content === "string" || Array.isArray(content));
  return (type === undefined || type === null) && typeof id === "string";
}

function toTurn(parts: readonly Part[]): Item[] {
  const items: Item[] = [];
  let texts: string[] = [];
  const speak = () => {
    if (texts.length > 0) items.push(toSpeech(texts));
    texts = [];
  };
  for (const part of parts) {
    if (part.type === "text") texts.push(part.text);
    else if (part.type === "tool_call") {
      speak();
      items.push({ type: "function_call", call_id: part.id, name: part.name, arguments: part.arguments });
      // A thought belongs to the provider that had it: another one neither reads nor checks it.
    } else if (part.type !== "thinking") throw unsupported(part.type, "an answer");
  }
  speak();
  return items;
}

function toSpeech([text = "", ...more]: readonly string[]): Item {
  if (more.length === 0) return { role: "assistant", content: text };
  const content = [text, ...more].map((one) => ({ type: "output_text", text: one }));
  // The SDK types such parts only for what came from the API, which takes them without what it adds itself.
  return { role: "assistant", content } as unknown as Item;
}

function toResults(content: Message["content"]): Item[] {
  if (typeof content === "string") throw unsupported("text", "a tool message");
  return content.map((part) => {
    if (part.type !== "tool_result") throw unsupported(part.type, "a tool message");
    return { type: "function_call_output", call_id: part.id, output: toOutput(part.content) };
  });
}

function toOutput(content: ResultContent): OpenAI.Responses.ResponseInputItem.FunctionCallOutput["output"] {
  // The pieces of a result are those of a user's message.
  return typeof content === "string" ? content : toContent("user", content);
}

/** Tool results, an item each. The API has no mark for an error: the output says so itself. */
export function toToolMessages(
  results: readonly ToolResult<OpenAIResponsesTypes>[],
): OpenAIResponsesTypes["ToolMessage"][] {
  return results.map(({ call: { id, native }, output }) => {
    const type = native.type === "custom_tool_call" ? "custom_tool_call_output" : "function_call_output";
    // A call that a program of the model made is answered to that program.
    const item = {
      type,
      call_id: id,
      output: toOutput(output),
      ...(native.caller != null && { caller: native.caller }),
    };
    // Of the parts the SDK types one kind of output with `null`, which never stands here, and the other without.
    return item as OpenAIResponsesTypes["ToolMessage"];
  });
}
