import { describe } from "../errors/describe.ts";
import type { ErrorKind } from "../errors/error-words.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";

/** A tool call of an answer; without an `id` one is made. Arguments that are text are given as they are. */
export interface AnswerToolCall {
  readonly name: string;
  readonly args?: object | string | undefined;
  readonly id?: string | undefined;
}

/** Tokens of an answer; what is not said is counted from the request and the answer. */
export interface AnswerUsage {
  /** Cached ones included. */
  readonly inputTokens?: number | undefined;
  /** Reasoning included. */
  readonly outputTokens?: number | undefined;
  readonly cachedTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
}

/**
 * What goes wrong with an answer. `"cut"`: the connection ends; `"stall"`: nothing comes any more, until a limit or the
 * caller ends it; `"malformed"`: what comes is no answer. In a stream after `after` events (default 1); a whole answer
 * never comes.
 */
export interface Fault {
  readonly kind: "cut" | "stall" | "malformed";
  readonly after?: number | undefined;
}

/** What an answer is made of. Where nothing is said it is made up: see `fake`. */
export interface AnswerParts {
  /** An array gives the pieces in which a stream brings it. */
  readonly text?: string | readonly string[] | undefined;
  readonly toolCalls?: readonly AnswerToolCall[] | undefined;
  readonly thinking?: string | readonly string[] | undefined;
  /** The model's words for declining; where the provider has no field for them, they are text that ends as filtered. */
  readonly refusal?: string | readonly string[] | undefined;
  /** The value of a response model, written in the way in which it was asked for. */
  readonly value?: unknown;
  readonly usage?: AnswerUsage | undefined;
  /** Why the model stops: `"stop"`, `"length"`, `"tool_calls"`, `"content_filter"`, …, or the provider's own word. */
  readonly finish?: string | undefined;
  /** The model that is echoed; default: the one that was asked. */
  readonly model?: string | undefined;
  readonly id?: string | undefined;
  /** Milliseconds before the answer, or before each event of a stream. */
  readonly delay?: number | undefined;
  readonly fault?: Fault["kind"] | Fault | undefined;
}

/** An answer of a script, as `answer` makes it. */
export class ScriptedAnswer {
  readonly parts: AnswerParts;

  constructor(parts: AnswerParts) {
    this.parts = parts;
  }
}

const keys: readonly string[] = [
  "text",
  "toolCalls",
  "thinking",
  "refusal",
  "value",
  "usage",
  "finish",
  "model",
  "id",
  "delay",
  "fault",
] satisfies (keyof AnswerParts)[];

const faults: readonly unknown[] = ["cut", "stall", "malformed"] satisfies Fault["kind"][];

/** One answer for `fake`, in neutral terms: it is written in the form of the provider that is asked. Throws `ConfigError`. */
export function answer(parts: string | AnswerParts = {}): ScriptedAnswer {
  if (typeof parts === "string") return new ScriptedAnswer({ text: parts });
  if (typeof parts !== "object" || parts === null || Array.isArray(parts)) {
    throw new ConfigError(`answer() takes a text or an object of its parts; it was given ${describe(parts)}.`);
  }
  const unknown = unknownKey("answer() has no part", parts, keys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { fault, value, text, toolCalls } = parts;
  const kind = typeof fault === "object" ? fault.kind : fault;
  if (kind !== undefined && !faults.includes(kind)) {
    throw new ConfigError(`answer() knows the faults ${faults.join(", ")}; it was given ${JSON.stringify(kind)}.`);
  }
  if (value !== undefined && (text !== undefined || toolCalls !== undefined)) {
    throw new ConfigError("answer() takes a `value`, or `text` and `toolCalls`: a value is written as one of these.");
  }
  return new ScriptedAnswer({ ...parts });
}

/** How a failure looks beside its kind. */
export interface FailureOptions {
  readonly message?: string | undefined;
  /** The HTTP status, where it is not the usual one of the kind. */
  readonly status?: number | undefined;
  /** Milliseconds the provider asks to wait: as its `retry-after`, or where its SDK shows no headers, in the body. */
  readonly retryAfterMs?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** In a stream: how many events of `answer` come before it. Default 0: the request itself fails. */
  readonly after?: number | undefined;
  /** In a stream: the answer that it breaks off. */
  readonly answer?: ScriptedAnswer | string | undefined;
}

/** A failure of a script, as `failure` makes it. */
export class ScriptedFailure {
  readonly kind: ErrorKind;
  readonly options: FailureOptions;

  constructor(kind: ErrorKind, options: FailureOptions) {
    this.kind = kind;
    this.options = options;
  }
}

/** @internal The usual HTTP status of each kind of failure; `undefined` where no answer comes. */
export const statusOfKind: Readonly<Partial<Record<ErrorKind, number | undefined>>> = {
  authentication: 401,
  permission: 403,
  quota: 402,
  not_found: 404,
  unsupported: 501,
  invalid_request: 400,
  too_large: 413,
  context_overflow: 400,
  content_filter: 400,
  rate_limit: 429,
  conflict: 409,
  overloaded: 503,
  server: 500,
  timeout: undefined,
  connection: undefined,
  aborted: undefined,
};

/**
 * A failure for `fake`, by the kinds of `classify`: `failure("rate_limit", { retryAfterMs: 2000 })`. What is thrown is an
 * error of the provider's own SDK. Throws `ConfigError` for a kind that no provider has.
 */
export function failure(kind: ErrorKind, options: FailureOptions = {}): ScriptedFailure {
  if (Object.hasOwn(statusOfKind, kind)) return new ScriptedFailure(kind, options);
  const known = Object.keys(statusOfKind).join(", ");
  throw new ConfigError(`failure() knows the kinds ${known}; it was given ${JSON.stringify(kind)}.`);
}
