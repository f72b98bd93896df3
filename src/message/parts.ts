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
  /** Set where the arguments were the structured answer itself: no tool is to be run, the answer was taken. */
  readonly answer?: true;
}

/** One piece of what a tool gave back: text, or a medium, which only some providers take there. */
export type ResultPart = TextPart | ImagePart | AudioPart | DocumentPart | FilePart;

/** What a tool gave back, as the model is to have it: text, or pieces in their order. */
export type ResultContent = string | readonly ResultPart[];

/** What a tool gave back. */
export interface ToolResultPart {
  readonly type: "tool_result";
  readonly id: string;
  readonly name: string;
  readonly content: ResultContent;
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

/** The kinds of medium a message can hold. */
export type MediaKind = "image" | "audio" | "document";

/** What a medium may have beside its bytes: `detail` an image, `name` a document. */
export interface MediaOptions {
  readonly detail?: ImageDetail | undefined;
  readonly name?: string | undefined;
}

/**
 * A medium that is still to be read (a path, a blob). It is a class of its own so that no data from outside can pass for
 * one: only code that calls `image()`, `audio()` or `document()` makes a file be read.
 */
export class FilePart {
  readonly type = "file";
  readonly kind: MediaKind;
  readonly source: string | Blob;
  readonly detail: ImageDetail | undefined;
  readonly name: string | undefined;

  constructor(kind: MediaKind, source: string | Blob, options: MediaOptions = {}) {
    this.kind = kind;
    this.source = source;
    this.detail = options.detail;
    this.name = options.name;
  }
}
