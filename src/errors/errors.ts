import type { ProviderTypes } from "../contract/provider.ts";
import type { ToolLoopState } from "../loop/tool-loop.ts";
import type { CallResponse } from "../read/response.ts";

/** The response of whatever provider was asked; what the call itself gives is typed by its provider. */
type AnyResponse = CallResponse<ProviderTypes>;

/** What was wrong with the data the model gave, one entry a place. The shape is Standard Schema's. */
export interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

const mark = Symbol.for("callscope.error");

/**
 * The base of every error this library makes itself. An error of a provider's SDK is never wrapped in it: that one
 * reaches the caller as the very object the SDK threw. `code` is a literal to branch on; `cause` is what lies beneath.
 */
export abstract class CallscopeError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, mark, { value: true });
  }
}

/** True for this library's own errors, also those of a second copy of the package in the same process. */
export function isCallscopeError(error: unknown): error is CallscopeError {
  return error instanceof Error && mark in error;
}

/** The prompt cannot be made into messages: a bad template, a missing variable, a wrong return value. No request was sent. */
export class PromptError extends CallscopeError {
  override readonly name = "PromptError";
  readonly code = "prompt";
}

/** An option, parameter, client or dynamic configuration is wrong. No request was sent. */
export class ConfigError extends CallscopeError {
  override readonly name = "ConfigError";
  readonly code = "config";
}

/** The provider cannot take what was asked of it (a kind of part, a media type, a parameter). No request was sent. */
export class UnsupportedError extends CallscopeError {
  override readonly name = "UnsupportedError";
  readonly code = "unsupported";
  readonly provider: string;
  readonly feature: string;

  constructor(provider: string, feature: string, message: string) {
    super(message);
    this.provider = provider;
    this.feature = feature;
  }
}

/** The SDK a provider stands on is not installed. The message names the command that installs it. */
export class MissingPackageError extends CallscopeError {
  override readonly name = "MissingPackageError";
  readonly code = "missing_package";
  readonly packageName: string;

  constructor(packageName: string, subpath: string, options?: ErrorOptions) {
    super(`${subpath} needs the package "${packageName}": run \`npm install ${packageName}\`.`, options);
    this.packageName = packageName;
  }
}

/** The model's context cannot hold the prompt (and at least one token of answer). Counts are tokens. */
export class ContextOverflowError extends CallscopeError {
  override readonly name = "ContextOverflowError";
  readonly code = "context_overflow";
  readonly tokens: number;
  readonly contextSize: number;

  constructor(tokens: number, contextSize: number) {
    super(
      `The prompt has ${tokens} tokens and the context holds ${contextSize}: shorten the prompt or raise the context size.`,
    );
    this.tokens = tokens;
    this.contextSize = contextSize;
  }
}

/** A request was answered, but not by what the API promises (an empty, foreign or cut body). `response` is what came. */
export class ResponseError extends CallscopeError {
  override readonly name = "ResponseError";
  readonly code = "malformed_response";
  readonly provider: string;
  readonly response: unknown;

  constructor(provider: string, message: string, response: unknown, options?: ErrorOptions) {
    super(message, options);
    this.provider = provider;
    this.response = response;
  }
}

/** The connection failed before or while the answer came; `cause` is what the network stack said. */
export class ConnectionError extends CallscopeError {
  override readonly name = "ConnectionError";
  readonly code = "connection";
  readonly provider: string;

  constructor(provider: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.provider = provider;
  }
}

/** No answer in time. `timeout` is in milliseconds; `cause` is what the SDK threw when it was stopped. */
export class TimeoutError extends CallscopeError {
  override readonly name = "TimeoutError";
  readonly code = "timeout";
  readonly timeout: number;

  constructor(message: string, timeout: number, options?: ErrorOptions) {
    super(message, options);
    this.timeout = timeout;
  }
}

/**
 * A stream that did not come to its proper end. `partial` is the response as far as it was received: its text, tool
 * calls, usage and cost are all there, and it is never mistaken for a whole one.
 */
export class StreamError extends CallscopeError {
  override readonly name = "StreamError";
  readonly code: "stream_ended_early" | "stream_stalled" | "stream_broken" | "stream_consumed" | "stream_unfinished";
  readonly partial: AnyResponse | undefined;

  constructor(code: StreamError["code"], message: string, partial?: AnyResponse, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.partial = partial;
  }
}

/** A tool call of the model cannot be used, or a tool cannot be offered. Nothing was executed. */
export class ToolError extends CallscopeError {
  override readonly name = "ToolError";
  readonly code: "unknown_tool" | "invalid_arguments" | "invalid_tool" | "invalid_output" | "refused";
  /** The tool's name as the model gave it. */
  readonly toolName: string;
  /** The SDK's own tool call object. */
  readonly toolCall: unknown;
  readonly issues: readonly Issue[];
  readonly response: AnyResponse | undefined;

  constructor(
    code: ToolError["code"],
    message: string,
    details: { toolName: string; toolCall?: unknown; issues?: readonly Issue[]; response?: AnyResponse | undefined },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.toolName = details.toolName;
    this.toolCall = details.toolCall;
    this.issues = details.issues ?? [];
    this.response = details.response;
  }
}

/** Why a structured answer could not be made of a response. */
export type ParseFailure =
  | "no_tool_call"
  | "wrong_tool"
  | "invalid_json"
  | "truncated"
  | "refused"
  | "invalid_data"
  | "output_parser";

/**
 * A response came, but not the value that was asked for. Nothing of it is lost: the whole response with its usage and
 * cost, the raw text, what the validator said, and every earlier attempt.
 */
export class ParseError extends CallscopeError {
  override readonly name = "ParseError";
  readonly code = "parse";
  readonly kind: ParseFailure;
  readonly response: AnyResponse;
  /** The text that was to be the value. */
  readonly text: string;
  readonly issues: readonly Issue[];
  /** The responses to earlier attempts of the same call, the first one first. */
  readonly attempts: readonly AnyResponse[];

  constructor(
    kind: ParseFailure,
    message: string,
    details: { response: AnyResponse; text: string; issues?: readonly Issue[]; attempts?: readonly AnyResponse[] },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.kind = kind;
    this.response = details.response;
    this.text = details.text;
    this.issues = details.issues ?? [];
    this.attempts = details.attempts ?? [];
  }
}

/** A tool loop that had to stop. `state` is where it stood, as JSON: it can be resumed with more steps. */
export class ToolLoopError extends CallscopeError {
  override readonly name = "ToolLoopError";
  readonly code: "max_steps" | "cut_off";
  readonly state: ToolLoopState;
  /** The last answer. */
  readonly response: AnyResponse;

  constructor(code: ToolLoopError["code"], message: string, details: { state: ToolLoopState; response: AnyResponse }) {
    super(message);
    this.code = code;
    this.state = details.state;
    this.response = details.response;
  }
}
