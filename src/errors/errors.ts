import { helpPage, linkMessage } from "./help.ts";

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
    linkMessage(this);
  }

  /** The page of the documentation about its code; `undefined` while the documentation has no address. */
  get help(): string | undefined {
    return helpPage(this.code);
  }

  /** What JSON can hold of it, with its message; not the cause, which is foreign and can be a circle. */
  toJSON(): object {
    const { name, code, message } = this;
    const fields = Object.entries(this).filter(([key, value]) => key !== "cause" && hasJson(value));
    return { name, code, message, ...Object.fromEntries(fields) };
  }
}

function hasJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
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
  /** Where in a schema: the keywords and names that lead there. */
  declare readonly place?: readonly string[];

  constructor(provider: string, feature: string, message: string, place?: readonly string[]) {
    super(message);
    this.provider = provider;
    this.feature = feature;
    if (place !== undefined) this.place = place;
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
  declare readonly response: unknown;

  constructor(provider: string, message: string, response: unknown, options?: ErrorOptions) {
    super(message, options);
    this.provider = provider;
    // Not enumerable: a log of the error is not to carry what a foreign server wrote.
    Object.defineProperty(this, "response", { value: response });
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
