import type { ErrorKind } from "../errors/error-words.ts";
import type { Head } from "./head.ts";

// What a provider's `fake.ts` turns into its own form: an answer that no model gave, in neutral terms.

/** A call of a tool in an answer that is made up: its arguments as JSON text, and the pieces a stream cuts it into. */
export interface FakeToolCall {
  readonly id: string;
  readonly name: string;
  readonly args: string;
  readonly pieces: readonly string[];
}

/** A text and the pieces a stream cuts it into. */
export interface FakeText {
  readonly text: string;
  readonly pieces: readonly string[];
}

/** Tokens, with the meanings they have on a response: cached ones are part of the input, reasoning of the output. */
export interface FakeUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
}

/** One whole answer in neutral terms. */
export interface FakeAnswer {
  readonly id: string;
  readonly requestId: string;
  /** Epoch seconds. */
  readonly created: number;
  readonly model: string;
  readonly text: FakeText | undefined;
  readonly thinking: FakeText | undefined;
  readonly refusal: FakeText | undefined;
  readonly toolCalls: readonly FakeToolCall[];
  readonly usage: FakeUsage;
  /** Why it ends: in words common to all providers, or in the provider's own. */
  readonly finish: string;
}

/** A failure in neutral terms. `status` is set where an answer of HTTP says it. */
export interface FakeFailure {
  readonly kind: ErrorKind;
  readonly status: number | undefined;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How one provider's answers, events and errors are made. Pure, but that the SDK is loaded for its classes. */
export interface FakeWire<P extends { readonly Response: object; readonly Chunk: object }> {
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
