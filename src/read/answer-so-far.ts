import type { Attempt, Total } from "../contract/answer.ts";
import type { Head } from "../contract/head.ts";
import type { ProviderTypes, RawToolCall, Reading, StopReason, StructuredMode } from "../contract/provider.ts";
import type { Message } from "../message/parts.ts";
import type { Cost } from "../money/cost.ts";
import type { DynamicConfig } from "../prepare/prompt-types.ts";
import type { Tool } from "../tools/tool.ts";
import type { ToolOutcome } from "../tools/tool-outcome.ts";
import type { ToolUse } from "../tools/use.ts";
import type { CallResponse } from "./response.ts";

/**
 * The properties of a response on something that is still being received. One rule: what the answer says is told as far
 * as it has come, and asking before anything was asked for is an error that says so; what was sent is there from the
 * first step on; what only a whole answer has (`cost`, `tools`, the messages to send back) waits for the end.
 */
export abstract class AnswerSoFar<P extends ProviderTypes, T extends Tool> {
  /** What was received so far; `undefined` before the first event. */
  protected abstract readonly received: CallResponse<P, T> | undefined;
  /** The whole answer. Throws `StreamError` until the stream has ended. */
  abstract constructCallResponse(): CallResponse<P, T>;

  /** The text so far. */
  get content(): string {
    return this.received?.content ?? "";
  }

  /** The thoughts so far. */
  get thinking(): string | undefined {
    return this.received?.thinking;
  }

  get refusal(): string | undefined {
    return this.received?.refusal;
  }

  get finishReasons(): readonly P["FinishReason"][] | undefined {
    return this.received?.finishReasons;
  }

  /** Why the model stopped, in words common to all providers. */
  get stopReason(): StopReason | undefined {
    return this.received?.stopReason;
  }

  get id(): string | undefined {
    return this.received?.id;
  }

  /** The SDK's usage object, once it has come. */
  get usage(): P["Usage"] | undefined {
    return this.received?.usage;
  }

  get tokens(): Reading<P>["tokens"] | undefined {
    return this.received?.tokens;
  }

  get inputTokens(): number | undefined {
    return this.received?.inputTokens;
  }

  get outputTokens(): number | undefined {
    return this.received?.outputTokens;
  }

  get cachedTokens(): number | undefined {
    return this.received?.cachedTokens;
  }

  /** The sound so far, as bytes. */
  get audio(): Uint8Array | undefined {
    return this.received?.audio;
  }

  get audioTranscript(): string | undefined {
    return this.received?.audioTranscript;
  }

  /** Every tool call as far as it has come. */
  get toolCalls(): readonly RawToolCall<P>[] | undefined {
    return this.received?.toolCalls;
  }

  /** What the SDK tells beside its events: request id, rate limits. */
  get head(): Head | undefined {
    return this.received?.head;
  }

  get attempts(): readonly Attempt[] {
    return this.received?.attempts ?? [];
  }

  /** True where a finished stream came from a cache: nothing was sent, and it cost nothing. */
  get cached(): boolean {
    return this.received?.cached ?? false;
  }

  /** The tool calls of a finished stream, tied to their tools. Throws `StreamError` before. */
  get tools(): readonly ToolUse<P, T>[] | undefined {
    return this.constructCallResponse().tools;
  }

  /** The first of `tools`. */
  get tool(): ToolUse<P, T> | undefined {
    return this.constructCallResponse().tool;
  }

  /** The assistant's turn of a finished stream, to be sent back as it is. Throws `StreamError` before. */
  get messageParam(): P["AssistantMessage"] {
    return this.constructCallResponse().messageParam;
  }

  /** The same in neutral form. */
  get message(): Message {
    return this.constructCallResponse().message;
  }

  /** What the whole call came to, attempts included. Throws `StreamError` until the stream has ended. */
  get total(): Total {
    return this.constructCallResponse().total;
  }

  /** The cost of a finished stream with the price entry it comes from. Throws `StreamError` before. */
  get costDetails(): Cost | undefined {
    return this.constructCallResponse().costDetails;
  }

  /** The tool results as messages of this provider, as on the response. */
  toolMessageParams(outcomes: readonly ToolOutcome<ToolUse<P, T>>[]): P["ToolMessage"][] {
    return this.constructCallResponse().toolMessageParams(outcomes);
  }

  /** The same as one neutral message. */
  toolMessage(outcomes: readonly ToolOutcome<ToolUse<P, T>>[]): Message {
    return this.constructCallResponse().toolMessage(outcomes);
  }

  /** The arguments as the caller passed them; `undefined` before the first step, as all below. */
  get fnArgs(): readonly unknown[] | undefined {
    return this.sent?.fnArgs;
  }

  get metadata(): Readonly<Record<string, unknown>> | undefined {
    return this.sent?.metadata;
  }

  get promptTemplate(): string | undefined {
    return this.sent?.promptTemplate;
  }

  get dynamicConfig(): DynamicConfig<P> | undefined {
    return this.sent?.dynamicConfig;
  }

  /** The provider's messages as they were sent. */
  get messages(): readonly P["Message"][] | undefined {
    return this.sent?.messages;
  }

  get callParams(): Partial<P["Params"]> | undefined {
    return this.sent?.callParams;
  }

  /** The whole request, as the SDK got it. */
  get callKwargs(): P["Request"] | undefined {
    return this.sent?.request;
  }

  /** How a structured answer was asked for. */
  get structuredMode(): StructuredMode | undefined {
    return this.sent?.output?.mode;
  }

  /** The last message that was sent, if it is the user's own. */
  get userMessageParam(): P["Message"] | undefined {
    return this.received?.userMessageParam;
  }

  /** The prepared call. */
  protected abstract readonly sent: Sent<P> | undefined;
}

interface Sent<P extends ProviderTypes> {
  readonly fnArgs: readonly unknown[];
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly promptTemplate: string | undefined;
  readonly dynamicConfig: DynamicConfig<P> | undefined;
  readonly messages: readonly P["Message"][];
  readonly callParams: Partial<P["Params"]>;
  readonly request: P["Request"];
  readonly output: { readonly mode: StructuredMode } | undefined;
}
