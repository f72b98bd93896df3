import type { MediaKind, Message, Part, ResultContent, ThinkingPart } from "../message/parts.ts";
import type { Tokens } from "../money/tokens.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import type { Batch } from "./batch.ts";
import type { Note } from "./changes.ts";
import type { FakeAnswer, FakeFailure } from "./fake-answer.ts";
import type { Head } from "./head.ts";
import type { CommonParams, SentSettings, TelemetryNames } from "./settings.ts";
import type { ToolDefinition } from "./tool-definition.ts";

export type { CommonParams, SentSettings, TelemetryNames } from "./settings.ts";
export type { ToolCache, ToolDefinition } from "./tool-definition.ts";

/**
 * The types of one provider, each lifted from its SDK, never retyped. One record of this shape is all that the rest of
 * the library is generic over.
 */
export interface ProviderTypes {
  /** The SDK's client. */
  Client: object;
  /** What a caller may set: the SDK's own request type without the model, the messages and the stream flag. */
  Params: object;
  /** The whole request, exactly as the SDK takes it. */
  Request: object;
  /** A message as the SDK takes it. */
  Message: object;
  /** The SDK's response object. */
  Response: object;
  /** One event of a streamed response. */
  Chunk: object;
  /** Why the model stopped, in the provider's own words. */
  FinishReason: string;
  /** The SDK's usage object. */
  Usage: object;
  /** A tool call as it stands in a response. */
  ToolCall: object;
  /** The assistant's turn as it is sent back. */
  AssistantMessage: object;
  /** The message that carries tool results. */
  ToolMessage: object;
}

/** How an answer of a given shape is asked for. */
export type StructuredMode = "tool" | "json" | "schema";

/** The shape an answer must have. In mode `json` without a schema any JSON object will do. */
export interface OutputDefinition {
  readonly mode: StructuredMode;
  readonly name: string;
  readonly description: string | undefined;
  readonly schema: JsonSchema | undefined;
  readonly strict: boolean;
  /** The caller's own words that ask for JSON, where words must. */
  readonly instruction?: string;
}

/** One call in neutral terms: what `params` turns into the provider's own request. */
export interface CallRequest<P extends ProviderTypes> {
  readonly model: string;
  readonly messages: readonly (Message | P["Message"])[];
  readonly callParams: Partial<P["Params"]>;
  readonly common: CommonParams | undefined;
  readonly stream: boolean;
  readonly tools: readonly ToolDefinition[];
  readonly output: OutputDefinition | undefined;
  /** Told what is changed on the way, where somebody listens. */
  readonly note?: Note;
}

/** The provider's own request, and its messages as they stand in it. */
export interface NativeRequest<P extends ProviderTypes> {
  readonly request: P["Request"];
  readonly messages: readonly P["Message"][];
  /** True for a request that is whole without a message: one that names a stored prompt or conversation. */
  readonly whole?: boolean;
  /** What was renamed, changed or left out on the way, a sentence each. */
  readonly changes?: readonly string[];
  /** The most tokens that the request allows the answer to have, all choices together. */
  readonly answerLimit?: number | undefined;
  /** True where the caller offers tools in the provider's own form, through `callParams`. */
  readonly nativeTools?: boolean;
}

/** What crosses to the SDK beside the request. `timeout` is in milliseconds and covers the body too. */
export interface SendOptions {
  readonly signal?: AbortSignal;
  readonly timeout?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** 0 switches the SDK's own retries off for this request, on every SDK that can. */
  readonly maxRetries?: 0;
}

/**
 * What an SDK gives for a request. Where its promise can tell of the HTTP response as well, the headers are read there;
 * else the provider calls `tell`, before the first event of a stream.
 */
export type Sent<Value> = Promise<Value> & { asResponse?(): PromiseLike<HttpHead> };

/** The part of an HTTP response that is read beside its body. */
export interface HttpHead {
  readonly headers: Iterable<readonly [string, string]>;
  /** Where it is a stream that nobody reads yet, a provider can read it in its SDK's place. */
  readonly body?: unknown;
}

/** Told what comes beside a response. */
export type Tell = (head: Head) => void;

/**
 * Why the model stopped, in words common to all providers. `"pause"`: its turn is to be sent back, and it goes on.
 */
export type StopReason = "stop" | "pause" | "length" | "tool_calls" | "content_filter" | "error" | "other";

/** A tool call as read from a response: `input` is JSON text where the provider gives text, else the parsed object. */
export interface RawToolCall<P extends ProviderTypes = ProviderTypes> {
  readonly id: string;
  readonly name: string;
  readonly input: string | object;
  /** The SDK's own object. */
  readonly native: P["ToolCall"];
}

/** Sound in an answer: `data` is base64 in the format that was asked for. */
export interface AudioReading {
  readonly data: string | undefined;
  readonly transcript: string | undefined;
}

/** The common properties of one response. */
export interface Reading<P extends ProviderTypes> {
  readonly id: string | undefined;
  /** The model as the provider echoes it. */
  readonly model: string | undefined;
  /** The answer's text, thoughts left out; `""` where there is none. */
  readonly content: string;
  readonly finishReasons: readonly P["FinishReason"][] | undefined;
  readonly stopReason: StopReason | undefined;
  readonly usage: P["Usage"] | undefined;
  readonly tokens: Tokens;
  readonly toolCalls: readonly RawToolCall<P>[];
  readonly thinking?: readonly ThinkingPart[] | undefined;
  /** The model's own words when it declined to answer. */
  readonly refusal?: string | undefined;
  readonly audio?: AudioReading | undefined;
  /** The service tier the provider says it served at; prices differ by it. */
  readonly serviceTier?: string | undefined;
  /** Where the provider says the answer was computed; prices can differ by it. */
  readonly region?: string | undefined;
  /** US dollars as the provider itself reports them. */
  readonly cost?: number | undefined;
  /** Whose price list applies, where it is not the provider's own name and echoed model. */
  readonly priced?: { readonly provider: string; readonly model?: string | undefined } | undefined;
}

/** What one event of a stream says. */
export interface ChunkReading<P extends ProviderTypes> {
  readonly id?: string | undefined;
  readonly model?: string | undefined;
  readonly content: string;
  readonly thinking?: string | undefined;
  readonly finishReasons?: readonly P["FinishReason"][] | undefined;
  readonly usage?: P["Usage"] | undefined;
  readonly tokens?: Tokens | undefined;
  readonly audio?: AudioReading | undefined;
}

/** A tool call that is being received. */
export interface ToolCallDraft {
  /** What its fragments are matched by: an index or an id. */
  readonly key: number | string;
  id: string;
  name: string;
  /** Its arguments so far: JSON text, or the object where the provider sends it whole. */
  input: string | object;
  /** The text the last event added; `""` when it added none. */
  delta: string;
  /** True once nothing can follow. */
  complete: boolean;
}

/**
 * A response that is being received. `readChunk` folds every event into it, so that at the end `response` is the object
 * the SDK would have returned for the same call without a stream.
 */
export interface Draft<P extends ProviderTypes> {
  response: P["Response"] | undefined;
  /** In the order in which they began. */
  readonly calls: ToolCallDraft[];
  /** True once the event was seen that proves the answer whole. */
  done: boolean;
}

/** A tool's result, ready to be sent: `output` is text where the provider takes nothing else (`resultMedia`). */
export interface ToolResult<P extends ProviderTypes> {
  readonly call: RawToolCall<P>;
  readonly output: ResultContent;
  readonly isError: boolean;
}

/** How one provider's answers, events and errors are made. Pure, but that the SDK is loaded for its classes. */
export interface FakeWire<P extends ProviderTypes> {
  /** The HTTP status of a kind of failure, where it is not the one that most providers give it. */
  readonly statuses?: Readonly<Partial<Record<FakeFailure["kind"], number>>>;
  /** The SDK's response. */
  whole(answer: FakeAnswer): P["Response"] | Promise<P["Response"]>;
  /** The SDK's events of the same answer. */
  events(answer: FakeAnswer): P["Chunk"][] | Promise<P["Chunk"][]>;
  /** What the SDK would have thrown, or of several SDKs that of the given client. Throws `ConfigError` for a kind of failure that this provider does not have. */
  error(failure: FakeFailure, client?: unknown): unknown;
  /** Tells the first event of a stream what its SDK says beside the events, where that is read there. */
  tellHead?(first: P["Chunk"], head: Head | undefined): void;
}

/**
 * What a provider is: one object of ten members, no base class. All but `client`, `create` and `stream` are pure;
 * those three are the only ones that load the SDK or touch the network.
 */
export interface Provider<P extends ProviderTypes> {
  /** The subpath's name, also the provider's id in the price list. */
  readonly name: string;
  /** Further providers that speak the very same wire: their own turns are sent here byte for byte, too. */
  readonly kin?: readonly string[];
  /** What its API takes as a tool call's id, where that is narrower than letters, digits, `_` and `-`, 40 at most. */
  readonly toolIds?: RegExp;
  /** The keys of a request that the call itself decides about: `callParams` cannot hold them. */
  readonly owned?: readonly string[];
  /** True where tools can be marked for its prompt cache. */
  readonly cachesTools?: boolean;
  /** The kinds of medium that its tool results hold beside text. Without it they are text: all else is refused by name. */
  readonly resultMedia?: readonly MediaKind[];
  /** What one of its requests says of how to answer, in common words. */
  settings?(request: P["Request"]): SentSettings;
  /** What telemetry calls it, where that is not its `name`. */
  telemetry?(client: P["Client"] | undefined): TelemetryNames;
  /** Whose price list a model is looked up in, where that is not the provider's own; `undefined` for nobody's. */
  priced?(model: string): { readonly provider: string; readonly model: string } | undefined;
  /** About how many tokens a picture, a sound or a document is, where the provider documents it. */
  mediaTokens?(part: Part): number | undefined;
  /** The hosts whose answers cost what the price list says; what goes elsewhere has no list price. */
  readonly hosts?: RegExp;
  /** The host a client sends to, and the port where it is not the usual one, where its SDK tells. */
  address?(client: P["Client"] | undefined): string | undefined;
  /** The same where the SDK tells it only later. */
  endpoint?(client: P["Client"]): Promise<string | undefined>;
  /** What an SDK keeps of the HTTP answer on its responses and events: no part of the answer, and never stored. */
  readonly connection?: readonly string[];
  /** A response that went through JSON, as the SDK would have given it: for an SDK whose responses are of a class. */
  revive?(response: object): P["Response"] | Promise<P["Response"]>;
  /** True where an answer in `jsonMode: "schema"` is held to the schema as it is, not to the subset of OpenAI's strict mode. */
  readonly holdsWholeSchemas?: boolean;
  /** How answers are made up in its own form, for tests; loaded on first use. */
  fake?(): Promise<FakeWire<P>>;
  /** How its batch API is spoken to, loaded on first use; absent where it has none that takes prompts. */
  batch?(): Promise<Batch<P["Request"], P["Response"]>>;
  /** The default client, made on first use from the environment; a given one is checked and returned as it is. */
  client(given: unknown): P["Client"] | Promise<P["Client"]>;
  /** The neutral request as the SDK takes it. Throws `UnsupportedError` for what the provider cannot take. */
  params(request: CallRequest<P>): NativeRequest<P>;
  /** Throws what sending would throw before anything leaves, where `params` does not look that far. */
  check?(request: P["Request"]): void;
  /** Sends the request and gives the SDK's response. */
  create(client: P["Client"], request: P["Request"], options: SendOptions, tell?: Tell): Sent<P["Response"]>;
  /** Sends the request and gives the SDK's events. */
  stream(
    client: P["Client"],
    request: P["Request"],
    options: SendOptions,
    tell?: Tell,
  ): AsyncIterable<P["Chunk"]> | Sent<AsyncIterable<P["Chunk"]>>;
  /**
   * The same events, read by us from the response that the SDK's stream was made of: for an SDK that gives the response as
   * well. `undefined` where the stream is not the SDK's plain one, since somebody may watch what is read through it.
   */
  readEvents?(events: AsyncIterable<P["Chunk"]>, http: HttpHead): AsyncIterable<P["Chunk"]> | undefined;
  /** The common properties of a response. Throws `ResponseError` for a body that is no answer. */
  read(response: P["Response"]): Reading<P>;
  /** What one event says, after folding it into the draft. */
  readChunk(chunk: P["Chunk"], draft: Draft<P>): ChunkReading<P>;
  /** The assistant's turn as it is sent back to this provider. */
  messageParam(response: P["Response"]): P["AssistantMessage"];
  /**
   * One of its own turns as its API takes it back: the very same where nothing is wrong with it, `undefined` for an
   * answer that says nothing. Turns other than the assistant's pass.
   */
  mendTurn?(turn: P["Message"], note: Note): P["Message"] | undefined;
  /** Tool results as this provider wants them, grouped where it wants them grouped. */
  toolMessages(results: readonly ToolResult<P>[]): P["ToolMessage"][];
}
