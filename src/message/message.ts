import { describe } from "../errors/describe.ts";
import { PromptError } from "../errors/errors.ts";
import {
  type Content,
  FilePart,
  type Message,
  type Part,
  type ResultContent,
  type ResultPart,
  type Role,
} from "./parts.ts";

const roles: readonly string[] = ["system", "user", "assistant", "tool"] satisfies Role[];

// The keys a neutral part may have. A part with any other key is a provider's own and passes through untouched.
const partKeys: { readonly [Kind in Exclude<Part["type"], "file">]: readonly string[] } = {
  text: ["text"],
  image: ["data", "url", "mediaType", "detail"],
  audio: ["data", "url", "mediaType"],
  document: ["data", "url", "mediaType", "name"],
  cache_control: ["cacheType", "ttl"],
  thinking: ["text", "signature"],
  tool_call: ["id", "name", "arguments", "answer"],
  tool_result: ["id", "name", "content", "isError"],
};

// What makes it that part and not a provider's own of the same `type`.
const partNeeds: { readonly [Kind in keyof typeof partKeys]: (part: Record<string, unknown>) => boolean } = {
  text: (part) => typeof part.text === "string",
  image: isMedia,
  audio: isMedia,
  document: isMedia,
  cache_control: (part) => part.cacheType === "ephemeral",
  thinking: (part) => typeof part.text === "string",
  tool_call: (part) => typeof part.name === "string" && typeof part.arguments === "string",
  tool_result: (part) => typeof part.id === "string" && isResultContent(part.content),
};

const resultKinds: readonly string[] = ["text", "image", "audio", "document", "file"] satisfies ResultPart["type"][];

function isResultContent(content: unknown): content is ResultContent {
  if (typeof content === "string") return true;
  return Array.isArray(content) && content.every((part) => isPart(part) && resultKinds.includes(part.type));
}

function isMedia(part: Record<string, unknown>): boolean {
  return typeof part.url === "string" || (typeof part.data === "string" && typeof part.mediaType === "string");
}

/** True for a part of this library's own shape; a provider's own content parts are not. */
export function isPart(value: unknown): value is Part {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof FilePart) return true;
  const part = value as Record<string, unknown>;
  const kind = part.type;
  if (typeof kind !== "string" || !Object.hasOwn(partKeys, kind)) return false;
  const allowed = partKeys[kind as keyof typeof partKeys];
  for (const key in part) if (key !== "type" && !allowed.includes(key)) return false;
  return partNeeds[kind as keyof typeof partKeys](part);
}

/** True for a message of this library's own shape; any other message is a provider's own. */
export function isMessage(value: object): value is Message {
  for (const key in value) if (key !== "role" && key !== "content" && key !== "native") return false;
  const { role, content } = value as { role?: unknown; content?: unknown };
  if (typeof role !== "string" || !roles.includes(role)) return false;
  return typeof content === "string" || (Array.isArray(content) && content.every(isPart));
}

/** The text of a content, its text parts joined with nothing between them. */
export function textOf(content: Message["content"]): string {
  if (typeof content === "string") return content;
  let text = "";
  for (const part of content) if (part.type === "text") text += part.text;
  return text;
}

/**
 * The same for a wire that has one text where others have parts: no two of them run into one word. `joined` is told of
 * each message that this is done to.
 */
export function joinTexts(content: Message["content"], joined?: () => void): string {
  if (typeof content === "string") return content;
  const texts = content.flatMap((part) => (part.type === "text" && part.text !== "" ? [part.text] : []));
  if (texts.length > 1) joined?.();
  return texts.reduce(
    (all, text) => (all === "" || /\s$/.test(all) || /^\s/.test(text) ? all + text : `${all}\n${text}`),
    "",
  );
}

/** Strings and parts made into a message's content, a single string as it is; throws `PromptError` for anything else. */
export function toContent(content: Content): Message["content"] {
  if (typeof content === "string") return content;
  const parts = Array.isArray(content) ? (content as readonly (string | Part)[]) : [content as Part];
  const [first] = parts;
  return parts.length === 1 && typeof first === "string" ? first : parts.map(toPart);
}

function toPart(part: unknown, index: number): Part {
  if (typeof part === "string") return { type: "text", text: part };
  if (isPart(part)) return part;
  throw new PromptError(`Part ${index} of a message must be a string or a content part; it is ${describe(part)}.`);
}

const write =
  (role: Role) =>
  (content: Content): Message => ({ role, content: toContent(content) });

/** Writes one message of a role: `Messages.user("Hi")`, `Messages.user(["Look:", image(bytes)])`. */
export const Messages = {
  system: write("system"),
  user: write("user"),
  assistant: write("assistant"),
} as const;
