import type { LanguageModelV4CallOptions, LanguageModelV4ToolResultOutput, SharedV4Warning } from "@ai-sdk/provider";
import { UnsupportedError } from "../errors/errors.ts";
import { fromBase64, toBase64 } from "../json/base64.ts";
import type { Message, NativeOrigin, Part, ResultContent, ResultPart } from "../message/parts.ts";
import { sniff } from "../message/sniff.ts";
import { ownId } from "./call-id.ts";
import { providerName } from "./prompt.ts";

type Prompt = LanguageModelV4CallOptions["prompt"];
type Answer = Extract<Prompt[number], { role: "assistant" }>;
type Results = Extract<Prompt[number], { role: "tool" }>;
type FilePart = Extract<Extract<Prompt[number], { role: "user" }>["content"][number], { type: "file" }>;
type File = Pick<FilePart, "data" | "mediaType" | "filename">;

/** What finds the native form of a turn of ours, by what came back of it. */
export type NativeTurns = (turn: Answer, content: readonly Part[]) => NativeOrigin | undefined;

/** The AI SDK's messages as ours. What has no place here is left out, and told to `warn`. Throws `UnsupportedError`. */
export function toMessages(prompt: Prompt, turns: NativeTurns, warn: (warning: SharedV4Warning) => void): Message[] {
  const toMessage = (message: Prompt[number]): Message => {
    const { role } = message;
    if (role === "system") return { role, content: message.content };
    if (role === "user") return { role, content: toUserContent(message.content) };
    if (role === "tool") return { role, content: message.content.flatMap(toResult) };
    const content = message.content.flatMap((part) => toAnswerPart(part, warn));
    const native = turns(message, content);
    return { role, content, ...(native && { native }) };
  };
  return prompt.map(toMessage);
}

function toUserContent(parts: Extract<Prompt[number], { role: "user" }>["content"]): Message["content"] {
  const [only] = parts;
  return parts.length === 1 && only?.type === "text" ? only.text : parts.map(toUserPart);
}

function toUserPart(part: Extract<Prompt[number], { role: "user" }>["content"][number]): Part {
  return part.type === "text" ? { type: "text", text: part.text } : toMedium(part);
}

function toAnswerPart(part: Answer["content"][number], warn: (warning: SharedV4Warning) => void): Part[] {
  switch (part.type) {
    case "text":
      return [{ type: "text", text: part.text }];
    case "reasoning":
      return [{ type: "thinking", text: part.text }];
    case "tool-call": {
      // What a service ran by itself is its own affair: it comes back in the native turn, or not at all.
      if (part.providerExecuted) return [];
      const { toolCallId, toolName, input } = part;
      return [{ type: "tool_call", id: ownId(toolCallId), name: toolName, arguments: JSON.stringify(input ?? {}) }];
    }
    case "tool-result":
      return [];
    default: {
      const message = `A part of the type ${part.type} in an answer is not sent back.`;
      warn({ type: "other", message });
      return [];
    }
  }
}

function toResult(part: Results["content"][number]): Part[] {
  if (part.type !== "tool-result") return [];
  const { toolCallId, toolName, output } = part;
  const isError = output.type.startsWith("error") || output.type === "execution-denied";
  const result = { type: "tool_result", id: ownId(toolCallId), name: toolName, content: toContent(output) } as const;
  return [{ ...result, ...(isError && { isError }) }];
}

function toContent(output: LanguageModelV4ToolResultOutput): ResultContent {
  switch (output.type) {
    case "text":
    case "error-text":
      return output.value;
    case "json":
    case "error-json":
      return JSON.stringify(output.value) ?? "null";
    case "execution-denied":
      return output.reason ?? "The user denied this call.";
    case "content":
      return output.value.map((item): ResultPart => {
        if (item.type === "text") return { type: "text", text: item.text };
        if (item.type === "file") return toMedium(item) as ResultPart;
        throw refused("a custom part", "a tool's result");
      });
  }
}

/** A file as the part that it is: by its media type, and where that names a family alone, by its bytes. */
function toMedium({ data, mediaType, filename }: File): Part {
  const named = filename === undefined ? {} : { name: filename };
  if (data.type === "text") {
    return { type: "document", data: toBase64(new TextEncoder().encode(data.text)), mediaType: "text/plain", ...named };
  }
  if (data.type === "reference") throw refused("a file by a provider's reference", "a message");
  const [kind = "", sort = ""] = mediaType.toLowerCase().split("/");
  const isWhole = sort !== "" && sort !== "*";
  if (data.type === "url") {
    return mediumOf(kind, { url: String(data.url), ...(isWhole && { mediaType }) }, named, mediaType);
  }
  const base64 = typeof data.data === "string" ? data.data : toBase64(data.data);
  const whole = isWhole ? mediaType.toLowerCase() : sniff(fromBase64(base64))?.mediaType;
  if (whole === undefined) throw refused(`a file of the type ${mediaType}, whose bytes tell no more`, "a message");
  return mediumOf(kind, { data: base64, mediaType: whole }, named, mediaType);
}

type Bytes =
  | { readonly data: string; readonly mediaType: string }
  | { readonly url: string; readonly mediaType?: string };

function mediumOf(kind: string, media: Bytes, named: { readonly name?: string }, mediaType: string): Part {
  if (kind === "image" || kind === "audio") return { type: kind, ...media } as Part;
  if (kind === "text" || kind === "application") return { type: "document", ...media, ...named } as Part;
  throw refused(`a file of the type ${mediaType}`, "a message");
}

function refused(what: string, where: string): UnsupportedError {
  return new UnsupportedError(
    providerName,
    what,
    `A call cannot be given ${what} in ${where}: give its bytes or text.`,
  );
}
