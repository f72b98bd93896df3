import type { Repair } from "../json/find-json.ts";
import type { Message } from "../message/parts.ts";
import type { Cost } from "../money/cost.ts";
import type { Head } from "./head.ts";
import type { ProviderTypes, RawToolCall, Reading, StopReason, StructuredMode } from "./provider.ts";

/** What a whole call came to: this answer and every attempt before it. `undefined` where one of them is uncertain. */
export interface Total {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars. */
  readonly cost: number | undefined;
  /** How many requests were sent; an answer out of a cache is none. */
  readonly requests: number;
}

/**
 * What every answer tells, whichever call it came from: the data of a `CallResponse`, which has the tools tied to it
 * besides.
 */
export interface Answer<P extends ProviderTypes = ProviderTypes> {
  /** The SDK's object, untouched. */
  readonly response: P["Response"];
  /** Epoch milliseconds, just before the request left. */
  readonly startTime: number;
  /** Epoch milliseconds, when the whole answer was there. */
  readonly endTime: number;
  readonly provider: string;
  /** The model as the provider echoes it, else the one that was asked. */
  readonly model: string;
  readonly id: string | undefined;
  /** The answer's text, thoughts left out; `""` where there is none. */
  readonly content: string;
  readonly thinking: string | undefined;
  readonly refusal: string | undefined;
  readonly audio: Uint8Array | undefined;
  readonly audioTranscript: string | undefined;
  readonly finishReasons: readonly P["FinishReason"][] | undefined;
  readonly stopReason: StopReason | undefined;
  readonly usage: P["Usage"] | undefined;
  readonly tokens: Reading<P>["tokens"];
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly cachedTokens: number | undefined;
  /** US dollars, or `undefined` where no price is certain. */
  readonly cost: number | undefined;
  readonly costDetails: Cost | undefined;
  /** Every tool call as it came. */
  readonly toolCalls: readonly RawToolCall<P>[] | undefined;
  readonly message: Message;
  readonly messageParam: P["AssistantMessage"];
  readonly messages: readonly P["Message"][];
  readonly userMessageParam: P["Message"] | undefined;
  readonly callParams: Partial<P["Params"]>;
  readonly callKwargs: P["Request"];
  readonly fnArgs: readonly unknown[];
  readonly promptTemplate: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly structuredMode: StructuredMode | undefined;
  /** What was tried before this answer, in order: answers that did not fit, requests that failed. */
  readonly attempts: readonly Attempt[];
  /** What the whole call came to, attempts included. */
  readonly total: Total;
  /** True where it came from a cache: nothing was sent, and it cost nothing. */
  readonly cached: boolean;
  /** What the SDK tells beside its object: request id, rate limits. */
  readonly head: Head | undefined;
  readonly repairs: readonly Repair[];
  toJSON(): object;
}

/** One request that was sent for a call: an answer that was not taken, or a failure. */
export type Attempt = FailedAttempt | (Answer & { readonly error?: unknown });

/** A request that failed, or an answer that was thrown away. What is not known of it is `undefined`. */
export interface FailedAttempt {
  /** What was thrown: the SDK's own object, where it threw one. */
  readonly error: unknown;
  readonly provider: string;
  readonly model: string;
  /** Epoch milliseconds. */
  readonly startTime: number;
  readonly endTime: number;
  /** The text that was received of a stream before it failed. */
  readonly content: string;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars: 0 for a request that was refused, `undefined` where it is uncertain whether it was billed. */
  readonly cost: number | undefined;
  /** About what it cost in US dollars, where `cost` is uncertain. */
  readonly estimatedCost: number | undefined;
}
