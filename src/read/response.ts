import { pricedBy } from "../contract/address.ts";
import type { Answer, Attempt, Total } from "../contract/answer.ts";
import { type Head, headOf } from "../contract/head.ts";
import type { ProviderTypes, RawToolCall, Reading, StopReason, StructuredMode } from "../contract/provider.ts";
import { type Came, Received } from "../contract/received.ts";
import { fromBase64 } from "../json/base64.ts";
import type { Repair } from "../json/find-json.ts";
import { repairsOf } from "../json/repairs.ts";
import type { Message } from "../message/parts.ts";
import type { Cost } from "../money/cost.ts";
import type { Definition, Plan, Prepared } from "../prepare/prepare.ts";
import type { DynamicConfig } from "../prepare/prompt-types.ts";
import type { Tool } from "../tools/tool.ts";
import { type ToolOutcome, toolMessages, toResultPart } from "../tools/tool-outcome.ts";
import type { BoundToolUse, ToolUse } from "../tools/use.ts";
import { bindTools, isExtraction } from "./bind-tools.ts";
import { priceOf, totalOf } from "./price.ts";
import { type ResponseNotes, recordOf, turnOf, userTurnOf } from "./record.ts";

/**
 * The answer to one call: the SDK's own object and, beside it, what all providers have in common; what a provider does
 * not tell is `undefined`. `P` is the provider, `T` the tools that were offered.
 */
export class CallResponse<P extends ProviderTypes = ProviderTypes, T extends Tool = Tool> implements Answer<P> {
  /** The SDK's object, untouched. */
  readonly response: P["Response"];
  /** Epoch milliseconds, just before the request left. */
  readonly startTime: number;
  /** Epoch milliseconds, when the whole answer was there. */
  readonly endTime: number;
  readonly #plan: Plan<P>;
  readonly #call: Definition<P>;
  readonly #came: Came<P>;
  readonly #notes: ResponseNotes;
  readonly #reading: Reading<P>;
  #cost: Cost | undefined | null;
  #tools: readonly BoundToolUse<P>[] | undefined | null;

  /** @internal */
  constructor(call: Definition<P>, plan: Plan<P>, came: Came<P>, notes: ResponseNotes = {}) {
    this.response = came.response;
    this.startTime = came.startTime;
    this.endTime = came.endTime;
    this.#plan = plan;
    this.#call = call;
    this.#came = came;
    this.#notes = notes;
    this.#reading = came.reading ?? call.provider.read(came.response);
    this.#cost = null;
    this.#tools = null;
  }

  get provider(): string {
    return this.#call.provider.name;
  }

  /** The answer's text; `""` where there is none. */
  get content(): string {
    return this.#reading.content;
  }

  /** The provider's own reasons, one a choice. */
  get finishReasons(): readonly P["FinishReason"][] | undefined {
    return this.#reading.finishReasons;
  }

  /** Why the model stopped, in words common to all providers. */
  get stopReason(): StopReason | undefined {
    return this.#reading.stopReason;
  }

  /** The model as the provider echoes it, else the one that was asked. */
  get model(): string {
    return this.#reading.model ?? this.#plan.prepared.model;
  }

  get id(): string | undefined {
    return this.#reading.id;
  }

  /** The SDK's usage object. */
  get usage(): P["Usage"] | undefined {
    return this.#reading.usage;
  }

  /** Tokens the model read, cached ones included. */
  get inputTokens(): number | undefined {
    return this.#reading.tokens.input;
  }

  /** Tokens the model wrote, reasoning included. */
  get outputTokens(): number | undefined {
    return this.#reading.tokens.output;
  }

  /** The part of `inputTokens` that came from the provider's cache. */
  get cachedTokens(): number | undefined {
    return this.#reading.tokens.cacheRead;
  }

  /** All token counts, with one meaning for every provider. */
  get tokens(): Reading<P>["tokens"] {
    return this.#reading.tokens;
  }

  /** US dollars, or `undefined` where no price is certain. The price entry it comes from is `costDetails`. */
  get cost(): number | undefined {
    return this.costDetails?.usd;
  }

  /** The cost with the price entry that was used, or why there is none. */
  get costDetails(): Cost | undefined {
    const { prices } = this.#call.sending ?? {};
    if (this.#cost === null)
      this.#cost = priceOf(this, this.#plan.prepared.model, this.#came, prices, this.#notes.partial);
    return this.#cost;
  }

  /** What the model thought before it answered, where the provider shows it. */
  get thinking(): string | undefined {
    return this.#reading.thinking?.map(({ text }) => text).join("") || undefined;
  }

  /** The model's own words when it declined to answer. */
  get refusal(): string | undefined {
    return this.#reading.refusal;
  }

  /** Spoken answer: its bytes, in the format that was asked for. */
  get audio(): Uint8Array | undefined {
    const data = this.#reading.audio?.data;
    return data === undefined ? undefined : fromBase64(data);
  }

  /** What the spoken answer says. */
  get audioTranscript(): string | undefined {
    return this.#reading.audio?.transcript;
  }

  /** Every tool call as it came, unknown and broken ones and the one that carries a structured answer included. */
  get toolCalls(): readonly RawToolCall<P>[] | undefined {
    const { toolCalls } = this.#reading;
    return toolCalls.length > 0 ? toolCalls : undefined;
  }

  /**
   * The tool calls tied to the tools they name; `undefined` when none was called. Throws `ToolError` for a call to a
   * tool that was not offered, and when the model refused; arguments are validated when `args` is read.
   */
  get tools(): readonly ToolUse<P, T>[] | undefined {
    if (this.#tools === null) this.#tools = bindTools(this, this.#plan);
    // A bound use is the run-time form of `ToolUse`: the names are matched to the very tools `T` stands for.
    return this.#tools as unknown as readonly ToolUse<P, T>[] | undefined;
  }

  /** The first of `tools`. */
  get tool(): ToolUse<P, T> | undefined {
    return this.tools?.[0];
  }

  /** The assistant's turn in the provider's own form, to be sent back as it is. */
  get messageParam(): P["AssistantMessage"] {
    return this.#call.provider.messageParam(this.response);
  }

  /** The assistant's turn in neutral form; the provider's own stays with it. */
  get message(): Message {
    const native = { provider: this.provider, message: this.messageParam };
    return turnOf(this.#reading, native, (call) => isExtraction(call, this.#plan));
  }

  /** The tool results as messages of this provider: `[[tool, output], …]`, a tool or raw call, an output of any kind. */
  toolMessageParams(outcomes: readonly ToolOutcome<ToolUse<P, T> | RawToolCall<P>>[]): P["ToolMessage"][] {
    return toolMessages(outcomes, this.#call.provider);
  }

  /** The same as one neutral message, for a conversation that goes on elsewhere. */
  toolMessage(outcomes: readonly ToolOutcome<ToolUse<P, T> | RawToolCall<P>>[]): Message {
    return { role: "tool", content: outcomes.map(toResultPart) };
  }

  /** The tools that were offered. */
  get toolTypes(): readonly Tool[] | undefined {
    return this.#plan.tools.length > 0 ? this.#plan.tools : undefined;
  }

  /** The template's text, where the messages came from one. */
  get promptTemplate(): string | undefined {
    return this.#plan.prepared.promptTemplate;
  }

  /** The arguments as the caller passed them, copied when the call was made. */
  get fnArgs(): readonly unknown[] {
    return this.#plan.prepared.fnArgs;
  }

  get dynamicConfig(): DynamicConfig<P> | undefined {
    return this.#plan.prepared.dynamicConfig;
  }

  get metadata(): Readonly<Record<string, unknown>> | undefined {
    return this.#plan.prepared.metadata;
  }

  /** The provider's messages as they were sent. */
  get messages(): readonly P["Message"][] {
    return this.#plan.prepared.messages;
  }

  /** The call parameters, static and dynamic ones merged. */
  get callParams(): Partial<P["Params"]> {
    return this.#plan.prepared.callParams;
  }

  /** The whole request, as the SDK got it. */
  get callKwargs(): P["Request"] {
    return this.#plan.prepared.request;
  }

  /** The last message that was sent, if it is the user's own. */
  get userMessageParam(): P["Message"] | undefined {
    return userTurnOf(this.#plan.prepared);
  }

  /** How a structured answer was asked for; `undefined` where none was. */
  get structuredMode(): StructuredMode | undefined {
    return this.#plan.prepared.output?.mode;
  }

  /** What was tried before it, in order: answers that did not fit, requests that failed; `cost` is of this one alone. */
  get attempts(): readonly Attempt[] {
    return [...(this.#notes.attempts ?? []), ...(this.#came.attempts ?? [])];
  }

  /** This answer and all `attempts` together. */
  get total(): Total {
    return totalOf(this);
  }

  /** What the SDK tells beside its object: request id, rate limits. */
  get head(): Head | undefined {
    return this.#came.head ?? headOf(this.#came.http?.headers);
  }

  /** Which leg of a fallback or hedge answered, from 0. */
  get leg(): number | undefined {
    return this.#came.leg ?? this.#call.leg;
  }

  /** True where it came from a cache: nothing was sent, and it cost nothing. */
  get cached(): boolean {
    return this.#came.cached === true;
  }

  /** What had to be done before a structured answer, or the arguments of a tool that were looked at, fitted. */
  get repairs(): readonly Repair[] {
    return repairsOf(this, ...this.#reading.toolCalls.map(({ native }) => native));
  }

  toString(): string {
    return this.content;
  }

  /** A response in a prompt, a template's value included, is its text. */
  [Symbol.toPrimitive](): string {
    return this.content;
  }

  /** Everything that is data: no client, no function, no key. */
  toJSON(): object {
    return recordOf(this, this.#plan.prepared);
  }

  /** @internal The same with more that was tried before it. */
  withAttempts(attempts: readonly Attempt[]): CallResponse<P, T> {
    const came = { ...this.#came, reading: this.#reading, attempts: [...attempts, ...(this.#came.attempts ?? [])] };
    return new CallResponse<P, T>(this.#call, this.#plan, came, this.#notes);
  }

  /** @internal What came, to be sent on as data. */
  get received(): Received<P> {
    const { connection } = this.#call.provider;
    return new Received<P>({ ...this.#came, head: this.head, leg: this.leg }, this.#reading, connection);
  }

  /** @internal What was sent, to be kept beside it. */
  get prepared(): Prepared<P> {
    return this.#plan.prepared;
  }

  /** @internal The common properties, for the readers of structured answers. */
  get reading(): Reading<P> {
    return this.#reading;
  }

  /** @internal Whose price list applies. */
  get priced(): { readonly provider: string; readonly model: string } {
    return pricedBy(this.#call.provider, this.model, this.#reading.priced);
  }
}
