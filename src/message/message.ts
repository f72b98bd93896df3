import { PromptError } from "../errors/errors.ts";
import { FilePart } from "./media.ts";

/** Who speaks. A provider's further roles (OpenAI's `developer`) come in its own native messages. */
export type Role = "system" | "user" | "assistant" | "tool";

/** Text of a message. */
export interface TextPart {
  readonly type: "text";
  readonly text: string;
}

/** How closely a picture is looked at, where the provider offers it; `auto` by default. */
export type ImageDetail = "auto" | "low" | "high";

/** Bytes of a file, in base64, or the address of one that the provider is to fetch itself. */
export type MediaData =
  | { readonly data: string; readonly mediaType: string; readonly url?: never }
  | { readonly url: string; readonly mediaType?: string; readonly data?: never };

/** A picture. */
export type ImagePart = { readonly type: "image"; readonly detail?: ImageDetail } & MediaData;

/** Recorded sound. */
export type AudioPart = { readonly type: "audio" } & MediaData;

/** A document, such as a PDF. */
export type DocumentPart = { readonly type: "document"; readonly name?: string } & MediaData;

/** Marks the end of a stretch of the prompt that the provider may cache; it belongs to the part before it. */
export interface CachePart {
  readonly type: "cache_control";
  readonly cacheType: "ephemeral";
  /** How long the provider keeps it; its own default when absent. */
  readonly ttl?: "5m" | "1h";
}

/** What the model thought before it answered. Never part of `content`. */
export interface ThinkingPart {
  readonly type: "thinking";
  readonly text: string;
  /** The provider's proof that the thought is its own; only that provider can read it. */
  readonly signature?: string;
}

/** A call of a tool by the model. */
export interface ToolCallPart {
  readonly type: "tool_call";
  readonly id: string;
  readonly name: string;
  /** The arguments as JSON text, just as the model wrote them. */
  readonly arguments: string;
}

/** What a tool gave back. */
export interface ToolResultPart {
  readonly type: "tool_result";
  readonly id: string;
  readonly name: string;
  readonly content: string;
  readonly isError?: boolean;
}

/** One piece of a message's content, the same for every provider. */
export type Part =
  | TextPart
  | ImagePart
  | AudioPart
  | DocumentPart
  | CachePart
  | ThinkingPart
  | ToolCallPart
  | ToolResultPart
  | FilePart;

/** The provider's own message behind a neutral one: sent back as it is to the provider it came from. */
export interface NativeOrigin {
  readonly provider: string;
  readonly message: object;
}

/** One message of a conversation, the same for every provider; plain data once its files are read. */
export interface Message {
  readonly role: Role;
  readonly content: string | readonly Part[];
  readonly native?: NativeOrigin;
}

/** What may stand in a message's content when a prompt writes it: strings become text parts. */
export type Content = string | Part | readonly (string | Part)[];

const roles: readonly string[] = ["system", "user", "assistant", "tool"] satisfies Role[];

// The keys a neutral part may have. A part with any other key is a provider's own and passes through untouched.
const partKeys: { readonly [Kind in Exclude<Part["type"], "file">]: readonly string[] } = {
  text: ["text"],
  image: ["data", "url", "mediaType", "detail"],
  audio: ["data", "url", "mediaType"],
  document: ["data", "url", "mediaType", "name"],
  cache_control: ["cacheType", "ttl"],
  thinking: ["text", "signature"],
  tool_call: ["id", "name", "arguments"],
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
  tool_result: (part) => typeof part.id === "string" && typeof part.content === "string",
};

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

/** Strings and parts made into a message's content; throws `PromptError` for anything else. */
export function toContent(content: Content): Message["content"] {
  if (typeof content === "string") return content;
  const parts = Array.isArray(content) ? (content as readonly (string | Part)[]) : [content as Part];
  return parts.map(toPart);
}

function toPart(part: unknown, index: number): Part {
  if (typeof part === "string") return { type: "text", text: part };
  if (isPart(part)) return part;
  throw new PromptError(`Part ${index} of a message must be a string or a content part; it is ${describe(part)}.`);
}

/** A value in a few words for an error message: its kind, never its contents. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  return `a ${typeof value}`;
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
