import type { LanguageModelV4FilePart, LanguageModelV4ToolResultOutput } from "@ai-sdk/provider";
import type { ToolResult } from "../contract/provider.ts";
import { unsupportedPart } from "../contract/unsupported-part.ts";
import { PromptError } from "../errors/errors.ts";
import { mendInput } from "../json/arguments.ts";
import { isMessage, joinTexts, textOf } from "../message/message.ts";
import type {
  AudioPart,
  DocumentPart,
  ImagePart,
  Message,
  Part,
  ResultContent,
  ResultPart,
  TextPart,
} from "../message/parts.ts";
import type { AISDKTypes } from "./types.ts";

type Native = AISDKTypes["Message"];
type ResultFile = Extract<
  Extract<LanguageModelV4ToolResultOutput, { type: "content" }>["value"][number],
  { type: "file" }
>;

/** The provider's name, in errors and on responses. */
export const providerName = "ai-sdk";

/** Neutral messages as the AI SDK's models take them; native ones pass as they are. Throws `UnsupportedError`. */
export function toPrompt(messages: readonly (Message | Native)[]): Native[] {
  return messages.map((message, index) => {
    if (!isMessage(message)) return checkNative(message, index);
    const { role, content, native } = message;
    if (native?.provider === providerName) return native.message as Native;
    if (role === "system") return { role, content: systemText(content) };
    if (role === "user") return { role, content: partsOf(content).map(toUserPart) };
    if (role === "assistant") return { role, content: partsOf(content).flatMap(toAnswerPart) };
    return { role, content: partsOf(content).map(toResultPart) };
  });
}

const roles: readonly unknown[] = ["system", "user", "assistant", "tool"];

function checkNative(message: Native, index: number): Native {
  const { role, content } = message as { readonly role?: unknown; readonly content?: unknown };
  const fits = role === "system" ? typeof content === "string" : Array.isArray(content);
  if (roles.includes(role) && fits) return message;
  throw new PromptError(
    `Message ${index} is not a message of ${providerName}: it has the role ${JSON.stringify(role)}, where a LanguageModelV4Message is { role: ${roles.join(" | ")}, content: [...] }.`,
  );
}

function partsOf(content: Message["content"]): readonly Part[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

function systemText(content: Message["content"]): string {
  for (const { type } of partsOf(content)) if (type !== "text") throw refused(type, "a system message");
  return textOf(content);
}

function toUserPart(part: Part): { type: "text"; text: string } | LanguageModelV4FilePart {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
    case "audio":
    case "document":
      return toFile(part);
    default:
      throw refused(part.type, "a user message");
  }
}

/** A medium as a file. What kind of picture lies at an address, the address alone tells. */
function toFile(part: ImagePart | AudioPart | DocumentPart): LanguageModelV4FilePart & ResultFile {
  const mediaType = part.mediaType ?? (part.type === "document" ? "application/pdf" : part.type);
  const data =
    part.data === undefined
      ? { type: "url" as const, url: new URL(part.url) }
      : { type: "data" as const, data: part.data };
  const file: LanguageModelV4FilePart & ResultFile = { type: "file", mediaType, data };
  if (part.type === "document" && part.name !== undefined) file.filename = part.name;
  // The one place that the SDK's providers have for it: https://ai-sdk.dev/providers/ai-sdk-providers/openai
  if (part.type === "image" && part.detail !== undefined)
    file.providerOptions = { openai: { imageDetail: part.detail } };
  return file;
}

function toAnswerPart(part: Part): AISDKTypes["AssistantMessage"]["content"] {
  switch (part.type) {
    case "text":
      return [{ type: "text", text: part.text }];
    case "tool_call": {
      const { id: toolCallId, name: toolName } = part;
      return [{ type: "tool-call", toolCallId, toolName, input: mendInput(part.arguments) }];
    }
    // A thought belongs to the model that had it: its own come back in the native message.
    case "thinking":
      return [];
    default:
      throw refused(part.type, "an answer");
  }
}

function toResultPart(part: Part): AISDKTypes["ToolMessage"]["content"][number] {
  if (part.type !== "tool_result") throw refused(part.type, "a tool message");
  return toResult(part.id, part.name, part.content, part.isError === true);
}

function toResult(toolCallId: string, toolName: string, content: ResultContent, isError: boolean) {
  return { type: "tool-result" as const, toolCallId, toolName, output: toOutput(content, isError) };
}

function toOutput(content: ResultContent, isError: boolean): LanguageModelV4ToolResultOutput {
  if (typeof content === "string") return { type: isError ? "error-text" : "text", value: content };
  if (isError) return { type: "error-text", value: joinTexts(content.map(checkText)) };
  const value = content.map((part) => {
    if (part.type === "file") throw refused(part.type, "a tool's result");
    return part.type === "text" ? { type: "text" as const, text: part.text } : toFile(part);
  });
  return { type: "content", value };
}

function checkText(part: ResultPart): TextPart {
  if (part.type === "text") return part;
  throw refused(part.type, "a tool's result that is an error");
}

/** Tool results: all of one turn in one message. */
export function toToolMessages(results: readonly ToolResult<AISDKTypes>[]): AISDKTypes["ToolMessage"][] {
  if (results.length === 0) return [];
  const content = results.map(({ call, output, isError }) => toResult(call.id, call.name, output, isError));
  return [{ role: "tool", content }];
}

function refused(kind: string, where: string): Error {
  const advice =
    kind === "cache_control"
      ? "each of the SDK's providers has a mark of its own: give a message of the SDK's form, with its `providerOptions`"
      : "a user message takes text, image, audio, document";
  return unsupportedPart(providerName, kind, where, advice);
}
