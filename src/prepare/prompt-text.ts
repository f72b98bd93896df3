import { plainOrLeftOut } from "../json/plain.ts";
import { isMessage } from "../message/message.ts";
import type { Message, Part, ResultContent } from "../message/parts.ts";

/**
 * Messages as a text for people: a lone user message as it is, several with their roles in front. The further lines of a
 * message are indented there, so that no value can look like a message of its own.
 */
export function promptText(messages: readonly (Message | object)[]): string {
  const [first] = messages;
  if (first !== undefined && messages.length === 1 && isMessage(first) && first.role === "user")
    return contentText(first);
  return messages.map((message) => `${roleOf(message)}: ${indented(contentText(message))}`).join("\n");
}

// Whatever an editor or a terminal takes for the end of a line.
const indented = (text: string) => text.replaceAll(/(\r\n|[\n\r\u2028\u2029])(?=[^\n\r\u2028\u2029])/g, "$1  ");

function roleOf(message: Message | object): string {
  const { role } = message as { readonly role?: unknown };
  return typeof role === "string" ? role.toUpperCase() : "MESSAGE";
}

/** What it says; a provider's own message, whose form only its SDK knows, as its JSON. */
function contentText(message: Message | object): string {
  if (!isMessage(message)) return JSON.stringify(plainOrLeftOut(message)) ?? "";
  return typeof message.content === "string" ? message.content : partsText(message.content);
}

const partsText = (parts: readonly Part[]) =>
  parts
    .map(partText)
    .filter((text) => text !== undefined)
    .join("\n");

function partText(part: Part): string | undefined {
  switch (part.type) {
    case "text":
      return part.text;
    case "cache_control":
      return undefined;
    case "thinking":
      return `[thinking] ${part.text}`;
    case "tool_call":
      return `[tool call ${part.name}] ${part.arguments}`;
    case "tool_result":
      return `[result of ${part.name}] ${resultText(part.content)}`;
    case "image":
    case "audio":
    case "document":
      return `[${part.type} ${mediumText(part)}]`;
    default:
      // A part of a provider's own in a neutral message, or data that looks like a file.
      return JSON.stringify(part);
  }
}

const resultText = (content: ResultContent) => (typeof content === "string" ? content : partsText(content));

type Medium = Extract<Part, { readonly type: "image" | "audio" | "document" }>;

function mediumText({ url, data, mediaType }: Medium): string {
  // The bytes of an address that holds them are left out, like all others.
  if (url !== undefined) return url.startsWith("data:") ? url.split(",", 1).join() : url;
  const padding = data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0;
  return `${mediaType}, ${(data.length / 4) * 3 - padding} bytes`;
}
