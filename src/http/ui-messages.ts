import { describe } from "../errors/describe.ts";
import { PromptError } from "../errors/errors.ts";
import { decodeDataUrl, toDataUrl } from "../message/data-url.ts";
import { audio, document, image, maxMediaBytes } from "../message/media.ts";
import { isPart } from "../message/message.ts";
import type {
  Message,
  Part,
  ResultContent,
  ResultPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from "../message/parts.ts";
import { sniff } from "../message/sniff.ts";
import { notePosted } from "./posted.ts";

/**
 * The messages that a page posts (`UIMessage[]` of the AI SDK), as neutral ones. They come from outside, so that they are
 * checked: text, files, tool calls with their results; no system role, nothing of a provider's own, no thoughts. Throws
 * `PromptError`, naming the message, for anything else: over HTTP it is a 400. What a visitor posts is the visitor's word, the turns of the
 * assistant included: keep the conversation on your side where that matters.
 */
export function fromUIMessages(messages: unknown): Message[] {
  try {
    return taken(messages);
  } catch (error) {
    notePosted(error);
    throw error;
  }
}

function taken(messages: unknown): Message[] {
  if (!Array.isArray(messages)) throw refused(`they are ${describe(messages)}, not an array`);
  if (messages.length === 0) throw refused("there are none");
  return messages.flatMap((message: unknown, index) => {
    const { role, parts } = (message ?? {}) as { role?: unknown; parts?: unknown };
    if (role !== "user" && role !== "assistant") {
      throw refused(`message ${index} has the role ${describe(role)}: only "user" and "assistant" come from a page`);
    }
    if (!Array.isArray(parts)) throw refused(`message ${index} has no list of parts`);
    return role === "user" ? [userTurn(parts, index)].flat() : assistantTurns(parts, index);
  });
}

function refused(why: string): PromptError {
  return new PromptError(`The messages of the page cannot be taken: ${why}.`);
}

type UIPart = Readonly<Record<string, unknown>>;

function partsOf(parts: readonly unknown[], index: number): UIPart[] {
  return parts.map((part) => {
    if (typeof part === "object" && part !== null && typeof (part as UIPart).type === "string") return part as UIPart;
    throw refused(`message ${index} holds ${describe(part)} in place of a part`);
  });
}

function userTurn(given: readonly unknown[], index: number): Message[] {
  const parts: Part[] = [];
  for (const part of partsOf(given, index)) {
    if (part.type === "text") parts.push({ type: "text", text: text(part.text, index) });
    else if (part.type === "file") parts.push(file(part, index));
    else if (!isIgnored(part))
      throw refused(`message ${index} of the user has a part of the type ${describe(part.type)}`);
  }
  return parts.length === 0 ? [] : [{ role: "user", content: onlyText(parts) }];
}

/** One message of the page is all steps of a loop: each is a turn, and its results are another. */
function assistantTurns(given: readonly unknown[], index: number): Message[] {
  const turns: Message[] = [];
  let parts: Part[] = [];
  let results: ToolResultPart[] = [];
  const flush = () => {
    if (parts.length > 0) turns.push({ role: "assistant", content: onlyText(parts) });
    if (results.length > 0) turns.push({ role: "tool", content: results });
    parts = [];
    results = [];
  };
  for (const part of partsOf(given, index)) {
    const type = part.type as string;
    if (type === "step-start" || (type === "text" && results.length > 0)) flush();
    if (type === "text") parts.push({ type: "text", text: text(part.text, index) });
    else if (type === "dynamic-tool" || type.startsWith("tool-")) {
      const use = toolPart(part, index);
      if (use === undefined) continue;
      parts.push(use.call);
      if (use.result !== undefined) results.push(use.result);
    } else if (type !== "file" && type !== "reasoning" && !isIgnored(part)) {
      throw refused(`message ${index} of the assistant has a part of the type ${describe(type)}`);
    }
  }
  flush();
  return turns;
}

function toolPart(part: UIPart, index: number): { call: ToolCallPart; result: ToolResultPart | undefined } | undefined {
  const type = part.type as string;
  const name = text(type === "dynamic-tool" ? part.toolName : type.slice("tool-".length), index);
  const id = text(part.toolCallId, index);
  const { state, input, output, errorText } = part;
  // Its arguments were still being written when the page was left.
  if (state === "input-streaming") return undefined;
  const call: ToolCallPart = { type: "tool_call", id, name, arguments: JSON.stringify(input ?? {}) };
  const result = (content: ResultContent, isError: boolean): ToolResultPart => {
    return { type: "tool_result", id, name, content, ...(isError && { isError }) };
  };
  if (state === "output-available") return { call, result: result(outputOf(output, index), false) };
  if (state === "output-error") return { call, result: result(text(errorText ?? "", index), true) };
  if (state === "output-denied") return { call, result: result("The user denied this call.", true) };
  return { call, result: undefined };
}

/** What a tool gave, as `uiResponse` told the page of it: media are media again, everything else is text. */
function outputOf(output: unknown, index: number): ResultContent {
  if (typeof output === "string") return output;
  const pieces: readonly unknown[] = Array.isArray(output) ? output : [output];
  const isText = (piece: unknown) => isPart(piece) && piece.type === "text";
  const isMade = pieces.some(isMedium) && pieces.every((piece) => isMedium(piece) || isText(piece));
  if (!isMade) return JSON.stringify(output) ?? "";
  return pieces.map((piece) => (isMedium(piece) ? medium(piece, index) : (piece as TextPart)));
}

type Medium = Extract<Part, { type: "image" | "audio" | "document" }>;

function isMedium(piece: unknown): piece is Medium {
  return isPart(piece) && ["image", "audio", "document"].includes(piece.type);
}

function medium(part: Medium, index: number): ResultPart {
  const { url, data, mediaType } = part;
  const name = "name" in part && part.name !== undefined ? { filename: part.name } : {};
  // A document of text is sent as it is: its bytes tell no kind.
  if (data !== undefined && /^text\//.test(mediaType)) return part;
  const address = url ?? toDataUrl({ data, mediaType });
  return file({ url: address, mediaType: mediaType ?? `${part.type}/*`, ...name }, index) as ResultPart;
}

/** What a page keeps for itself. */
function isIgnored({ type }: UIPart): boolean {
  return typeof type === "string" && (type === "step-start" || /^(?:data-|source-)/.test(type));
}

function file({ url, mediaType, filename }: UIPart, index: number): Part {
  const address = text(url, index);
  const kind = text(mediaType ?? "", index);
  const name = typeof filename === "string" ? { name: filename } : {};
  if (address.startsWith("data:")) {
    const bytes = decodeDataUrl(address, { caller: "fromUIMessages()", maxBytes: maxMediaBytes });
    const found = sniff(bytes)?.kind;
    if (found === "image") return image(bytes) as Part;
    if (found === "audio") return audio(bytes) as Part;
    if (found === "document") return document(bytes, name) as Part;
    throw refused(`message ${index} has a file of the type ${describe(kind)} that is no picture, sound or document`);
  }
  if (!/^https?:\/\//i.test(address)) throw refused(`message ${index} has a file by an address that is not http(s)`);
  if (kind.startsWith("image/")) return image(address) as Part;
  throw refused(`message ${index} has a file of the type ${describe(kind)} by its address: only pictures are taken so`);
}

function text(value: unknown, index: number): string {
  if (typeof value === "string") return value;
  throw refused(`message ${index} has ${describe(value)} where text is expected`);
}

function onlyText(parts: readonly Part[]): Message["content"] {
  const [only] = parts;
  return parts.length === 1 && only?.type === "text" ? only.text : [...parts];
}
