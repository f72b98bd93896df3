import type { Attributes } from "@opentelemetry/api";
import type { Answer } from "../contract/answer.ts";
import type { PreparedData, ToolRun } from "../contract/layer.ts";
import { isMessage, isPart } from "../message/message.ts";
import type { AudioPart, DocumentPart, ImagePart, Message, Part } from "../message/parts.ts";
import { told } from "./attributes.ts";

// What was said, in the message form of the conventions, as JSON text: attributes of spans have no structure in JavaScript.

type Json = Readonly<Record<string, unknown>>;

/** The prompt, where content is asked for. */
export function inputContent({ neutral, messages, tools }: PreparedData): Attributes {
  const all = neutral.map(toMessage);
  // Where the API has them apart from its messages, none of those is a system message.
  const roles = messages.map((message) => (message as { readonly role?: unknown }).role);
  const apart = !roles.includes("system") && !roles.includes("developer");
  const system = apart ? all.filter(({ role }) => role === "system").flatMap(({ parts }) => parts) : [];
  return told({
    "gen_ai.input.messages": JSON.stringify(apart ? all.filter(({ role }) => role !== "system") : all),
    "gen_ai.system_instructions": system.length === 0 ? undefined : JSON.stringify(system),
    "gen_ai.tool.definitions":
      tools.length === 0 ? undefined : JSON.stringify(tools.map((name) => ({ type: "function", name }))),
  });
}

/** The answer, where content is asked for. */
export function outputContent({ message }: Answer): Attributes {
  return { "gen_ai.output.messages": JSON.stringify([toMessage(message)]) };
}

/** A tool's arguments, where content is asked for. */
export function argumentsContent({ input }: ToolRun): Attributes {
  return { "gen_ai.tool.call.arguments": typeof input === "string" ? input : JSON.stringify(input) };
}

/** What a tool gave, where content is asked for. */
export function resultContent(result: unknown): Attributes {
  return told({ "gen_ai.tool.call.result": typeof result === "string" ? result : JSON.stringify(shown(result)) });
}

/** Texts and media in the form that they have in messages; anything else as it is. */
function shown(result: unknown): unknown {
  const pieces: readonly unknown[] = Array.isArray(result) ? result : [result];
  const isPiece = (piece: unknown) => typeof piece === "string" || isPart(piece);
  if (!pieces.some((piece) => isPart(piece) && media.includes(piece.type)) || !pieces.every(isPiece)) return result;
  return pieces.flatMap((piece) => (typeof piece === "string" ? [toText(piece)] : toPart(piece as Part)));
}

/** True where every message is text alone: its tokens are tokens of text. */
export function isText({ neutral }: PreparedData): boolean {
  return neutral.every((message) => {
    if (!isMessage(message)) return false;
    const { content } = message;
    return typeof content === "string" || !content.some(holdsMedium);
  });
}

function holdsMedium(part: Part): boolean {
  if (part.type === "tool_result") return typeof part.content !== "string" && part.content.some(holdsMedium);
  return media.includes(part.type);
}

const media: readonly string[] = ["image", "audio", "document", "file"] satisfies Part["type"][];

function toMessage(message: object): { readonly role: string; readonly parts: readonly Json[] } {
  if (isMessage(message)) return { role: message.role, parts: toParts(message.content) };
  // A provider's own message, as it is: its texts in the common form.
  const { role, content, ...rest } = message as { readonly role?: unknown; readonly content?: unknown };
  const own = typeof role === "string" ? role : "user";
  if (typeof content === "string" && Object.keys(rest).length === 0) return { role: own, parts: [toText(content)] };
  return { role: own, parts: [{ type: "native", content: message }] };
}

function toParts(content: Message["content"]): Json[] {
  return typeof content === "string" ? [toText(content)] : content.flatMap(toPart);
}

function toText(content: string): Json {
  return { type: "text", content };
}

function toPart(part: Part): readonly Json[] {
  switch (part.type) {
    case "text":
      return [toText(part.text)];
    case "thinking":
      return [{ type: "reasoning", content: part.text }];
    case "tool_call":
      return [{ type: "tool_call", ...idOf(part), name: part.name, arguments: parsed(part.arguments) }];
    case "tool_result":
      return [
        {
          type: "tool_call_response",
          ...idOf(part),
          response: typeof part.content === "string" ? part.content : toParts(part.content),
        },
      ];
    case "image":
    case "audio":
    case "document":
      return [toMedium(part)];
    case "file":
      return [{ type: "file", modality: part.kind }];
    default:
      return [];
  }
}

function idOf({ id }: { readonly id: string }): Json {
  return id === "" ? {} : { id };
}

function toMedium({ type: modality, mediaType, data, url }: ImagePart | AudioPart | DocumentPart): Json {
  const kind = { modality, ...(mediaType !== undefined && { mime_type: mediaType }) };
  return data === undefined ? { type: "uri", ...kind, uri: url } : { type: "blob", ...kind, content: data };
}

/** The arguments as they were meant; the text itself where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
