import type { Cohere } from "cohere-ai";
import type { ToolResult } from "../../contract/provider.ts";
import { unsupportedPart, unsupportedType } from "../../contract/unsupported-part.ts";
import { PromptError, UnsupportedError } from "../../errors/errors.ts";
import { fromBase64 } from "../../json/base64.ts";
import { toDataUrl } from "../../message/data-url.ts";
import { isMessage, textOf } from "../../message/message.ts";
import type { DocumentPart, ImagePart, Message, Part, ResultContent } from "../../message/parts.ts";
import type { CohereTypes } from "./types.ts";

/**
 * The messages as this API has them; native ones pass as they are. System messages stay where they stand: here they are
 * messages like the others, https://docs.cohere.com/reference/chat#request.body.messages.
 */
export function toMessages(messages: readonly (Message | Cohere.ChatMessageV2)[]): Cohere.ChatMessageV2[] {
  const converted: Cohere.ChatMessageV2[] = [];
  for (const [index, message] of messages.entries()) {
    if (!isMessage(message)) converted.push(checkNative(message, index));
    else if (message.native?.provider === "cohere") converted.push(message.native.message as Cohere.ChatMessageV2);
    else if (message.role === "tool") converted.push(...toResults(message));
    else converted.push(toMessage(message));
  }
  return converted;
}

const roles: readonly unknown[] = ["system", "user", "assistant"];

function checkNative(message: Cohere.ChatMessageV2, index: number): Cohere.ChatMessageV2 {
  const { role, toolCallId } = message as { role?: unknown; toolCallId?: unknown };
  if (roles.includes(role) || (role === "tool" && typeof toolCallId === "string")) return message;
  throw new PromptError(
    `Message ${index} is not a message of cohere: it needs the role system, user, assistant or (with a toolCallId) tool; its role is ${JSON.stringify(role)}.`,
  );
}

const accepted: { readonly [R in Message["role"]]: readonly Part["type"][] } = {
  system: ["text"],
  user: ["text", "image"],
  // A thought belongs to the provider that had it: ours come back in native form, others mean nothing here.
  assistant: ["text", "thinking", "tool_call"],
  tool: ["tool_result"],
};

function toMessage(message: Message): Cohere.ChatMessageV2 {
  const { role, content, native } = message;
  const parts = typeof content === "string" ? [] : content;
  for (const { type } of parts) if (!accepted[role].includes(type)) throw unsupported(type, role);
  // Text is the same in both forms, so that nothing tells them apart: it passes as it is.
  if (parts.every(({ type }) => type === "text")) {
    return (native === undefined ? message : { role, content }) as Cohere.ChatMessageV2;
  }
  return role === "user" ? { role, content: parts.map(toContent) } : toAssistant(parts);
}

function toContent(part: Part): Cohere.Content {
  if (part.type === "text") return { type: "text", text: part.text };
  if (part.type === "image") {
    return { type: "image_url", imageUrl: { url: toUrl(part), detail: part.detail ?? "auto" } };
  }
  throw unsupported(part.type, "user");
}

// https://docs.cohere.com/docs/image-inputs#limitations
const imageTypes: readonly string[] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

function toUrl({ url, data, mediaType }: ImagePart): string {
  if (url !== undefined) {
    if (/^(https?|data):/i.test(url)) return url;
    const scheme = url.slice(0, url.indexOf(":") + 1);
    const message = `cohere takes image addresses that begin with http: or https:, not ${scheme}; give its bytes.`;
    throw new UnsupportedError("cohere", "image url", message);
  }
  if (imageTypes.includes(mediaType)) return toDataUrl({ data, mediaType });
  throw unsupportedType("cohere", "image", mediaType, imageTypes);
}

function toAssistant(parts: readonly Part[]): Cohere.ChatMessageV2.Assistant {
  const texts = parts.filter((part) => part.type === "text");
  const content = texts.length > 1 ? texts.map(({ text }) => ({ type: "text" as const, text })) : textOf(texts);
  const toolCalls = parts.flatMap((part) => (part.type === "tool_call" ? [toToolCall(part)] : []));
  if (toolCalls.length === 0) return { role: "assistant", content };
  return { role: "assistant", ...(content !== "" && { content }), toolCalls };
}

function toToolCall(call: Extract<Part, { type: "tool_call" }>): Cohere.ToolCallV2 {
  return { id: call.id, type: "function", function: { name: call.name, arguments: call.arguments } };
}

function toResults({ content }: Message): Cohere.ChatMessageV2.Tool[] {
  if (typeof content === "string") throw unsupported("text", "tool");
  return content.map((part) => {
    if (part.type !== "tool_result") throw unsupported(part.type, "tool");
    return { role: "tool", toolCallId: part.id, content: toResult(part.content) };
  });
}

function unsupported(kind: string, role: Message["role"]): UnsupportedError {
  return unsupportedPart("cohere", kind, `a message of the role ${role}`, `it takes ${accepted[role].join(", ")}`);
}

/** Tool results, a message each. The API has no mark for one that is an error. */
export function toToolMessages(results: readonly ToolResult<CohereTypes>[]): Cohere.ChatMessageV2.Tool[] {
  return results.map(({ call, output }) => ({ role: "tool", toolCallId: call.id, content: toResult(output) }));
}

type ToolContent = Cohere.ToolMessageV2Content;

// A document is what a model cites: texts by name, no file. https://docs.cohere.com/docs/tool-use-citations
function toResult(content: ResultContent): ToolContent {
  if (typeof content === "string") return content;
  return content.map((part) => {
    if (part.type === "text") return { type: "text", text: part.text };
    if (part.type !== "document") throw unsupported(part.type, "tool");
    return { type: "document", document: { data: toDocument(part) } };
  });
}

function toDocument({ data, mediaType = "", name }: DocumentPart): Record<string, string> {
  if (data === undefined) {
    const message = "cohere takes no address of a document: give its text.";
    throw new UnsupportedError("cohere", "document url", message);
  }
  if (!textTypes.includes(mediaType)) throw unsupportedType("cohere", "document", mediaType, textTypes);
  const text = new TextDecoder().decode(fromBase64(data));
  return { ...(name !== undefined && { title: name }), text };
}

const textTypes: readonly string[] = ["text/plain", "text/markdown", "text/html", "text/csv", "text/xml"];
