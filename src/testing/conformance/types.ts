import type { FakeAnswer, FakeFailure } from "../../contract/fake-answer.ts";
import type { Provider, ProviderTypes, StructuredMode } from "../../contract/provider.ts";
import type { Part } from "../../message/parts.ts";

/** What the server does with one request. */
export type ServedStep =
  | {
      readonly type: "answer";
      /** Whole, or as events where the request asks for a stream. */
      readonly answer: FakeAnswer;
      /** Set: of a stream only so many events are sent, then the answer ends as HTTP wants it. */
      readonly cutAfter?: number;
    }
  | { readonly type: "failure"; readonly failure: FakeFailure }
  /** The request is taken and never answered. */
  | { readonly type: "silence" };

/** A server in the provider's place, and a client of it that tries each request once. */
export interface ConformanceServer<P extends ProviderTypes = ProviderTypes> {
  readonly client: P["Client"];
  /** The bodies of the requests that arrived, parsed, in their order. */
  readonly requests: readonly unknown[];
  /** Ends it, with what is still open. */
  close(): void | Promise<void>;
}

/** A kind of content that a provider may take in a user's message. */
export type ConformancePart = Extract<Part["type"], "image" | "audio" | "document" | "cache_control">;

/** What a provider says it can do. What it cannot must be refused with an `UnsupportedError` before any request. */
export interface ConformanceTraits {
  /** Default: none but text. */
  readonly parts?: readonly ConformancePart[];
  /** The ways in which an answer of a given shape can be asked for. Default: all three. */
  readonly modes?: readonly StructuredMode[];
  /** Default true. */
  readonly tools?: boolean;
  /** Thoughts come apart from the content. Default false. */
  readonly thinking?: boolean;
  /** False for a model in this process, which no service refuses. Default true. */
  readonly failures?: boolean;
}

/** A provider under test. */
export interface ConformanceSubject<P extends ProviderTypes> {
  readonly provider: Provider<P>;
  /** The model that is asked for. */
  readonly model: string;
  readonly traits?: ConformanceTraits;
  /** Starts a server that takes these steps in turn, the last one again and again. */
  serve(steps: readonly ServedStep[]): ConformanceServer<P> | Promise<ConformanceServer<P>>;
}

/** One check: a test's title and its body, which throws an `AssertionError` where the provider does not conform. */
export interface ConformanceCheck {
  readonly name: string;
  readonly run: () => Promise<void>;
}
