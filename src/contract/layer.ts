import type { Cost, PriceConditions, Prices } from "../money/cost.ts";
import type { Tokens } from "../money/tokens.ts";
import type { Answer, Attempt } from "./answer.ts";
import type { Head } from "./head.ts";
import type { OutputDefinition, ProviderTypes } from "./provider.ts";
import type { Received, ReceivedData, ReceivedNotes } from "./received.ts";
import type { SentSettings, TelemetryNames } from "./settings.ts";
import type { StandIn } from "./stand-in.ts";

/** What a request is for: the call itself, a further try after an answer that did not fit, or a step of a tool loop. */
export type Purpose = "call" | "validation" | "step";

/** The data of a prepared call. It survives `JSON.stringify`. */
export interface PreparedData<P extends ProviderTypes = ProviderTypes> {
  readonly version: 1;
  readonly provider: string;
  /** The model that is asked. */
  readonly model: string;
  /** True for a call that streams. */
  readonly stream: boolean;
  /** What the SDK takes, to the last key. */
  readonly request: P["Request"];
  readonly messages: readonly P["Message"][];
  readonly neutral: readonly object[];
  readonly callParams: Partial<P["Params"]>;
  readonly fnArgs: readonly unknown[];
  readonly promptTemplate: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly output: OutputDefinition | undefined;
  /** The names of the tools that are offered. */
  readonly tools: readonly string[];
  /** The most tokens that the request allows the answer to have; `undefined` where nothing says so. */
  readonly answerLimit: number | undefined;
  /** Whose price list the model is looked up in, where that is not the provider's own. */
  readonly priced: { readonly provider: string; readonly model: string } | undefined;
}

/** What a layer may change of a request. */
export interface OutgoingChanges {
  /** Another native request, as the SDK takes it. */
  readonly request?: object;
  /** Sent beside those there are; a value of a name that is there replaces it. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, the body included. */
  readonly timeout?: number | undefined;
  /** Which try this is, from 1. */
  readonly attempt?: number;
  /** False switches the SDK's own retries off for this request, on every SDK that can. */
  readonly sdkRetries?: boolean;
  /** @internal What answers in the provider's place. */
  readonly standIn?: StandIn;
  /** @internal True for a request whose answer several wait for: no one of them closes it by leaving. */
  readonly shared?: boolean;
  /** Told each time the request is handed to the SDK: from then on it may be billed. */
  readonly onSent?: () => void;
}

/**
 * One request on its way, as layers see it: data, and the two functions that make sense of it. It is never changed;
 * `with` gives another.
 */
export interface Outgoing {
  readonly prepared: PreparedData;
  readonly provider: string;
  readonly model: string;
  readonly purpose: Purpose;
  /** Which try this is, from 1. */
  readonly attempt: number;
  /** Ends the request when it is aborted: the caller's, a deadline's, and a stream that is left. */
  readonly signal: AbortSignal | undefined;
  /** Milliseconds for this request, the body included. */
  readonly timeout: number | undefined;
  /** The caller's own headers. Their values are not enumerable: they are not seen when the request is printed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  /** False where the SDK's own retries are off for this request. */
  readonly sdkRetries: boolean;
  /** @internal What answers in the provider's place, where something does. */
  readonly standIn?: StandIn | undefined;
  /**
   * True where what stands around a call (`Layer.call`) stands around this request, too; not in a stream or a tool loop,
   * nor for what `call.send` sends.
   */
  readonly inCall: boolean;
  /** The host the client sends to, where its SDK tells: `api.openai.com`; with its port where that is not the usual one. */
  readonly address: string | undefined;
  /** What the request says of how to answer, in words common to all providers. */
  readonly settings: SentSettings;
  /** What telemetry calls the provider and what is asked of it. */
  readonly telemetry: TelemetryNames;
  /** About how many tokens the request is for the model to read. */
  readonly estimatedInputTokens: number;
  /** Waits so many milliseconds, by the engine's clock in a durable scope. Rejects with the reason of an abort. */
  wait(ms: number): Promise<void>;
  /** What so many tokens would cost for this request: by `prices`, else as the call's own answer is priced. */
  priceOf(tokens: Tokens, prices?: Prices): Cost;
  /** US dollars of the dearest of several readings of what it may use; `undefined` where the first has no price. */
  dearestOf(readings: readonly Tokens[], prices?: Prices, conditions?: PriceConditions): number | undefined;
  /** The same request with changes. */
  with(changes: OutgoingChanges): Outgoing;
  /** The same request with further headers. */
  withHeaders(headers: Readonly<Record<string, string>>): Outgoing;
  /** What an answer says: tokens, cost, stop reason. Throws `ResponseError` for a body that is no answer. */
  read(received: ReceivedData): Answer;
  /** The same call, prepared for other arguments. Nothing is sent. */
  prepare(...args: unknown[]): Promise<Outgoing>;
}

/** The SDK's events, with what is told beside them: `head` is there before the first event is given. */
export interface EventStream extends AsyncIterable<object> {
  readonly head?: Head | undefined;
  /** What is to be told of the answer that the events make. */
  readonly notes?: ReceivedNotes | undefined;
  /** The answer as far as it has come; whole, with its cost, once the events have ended. */
  readonly answer?: Answer | undefined;
  /** @internal Hears once; set where a layer need not look at each event to know of their end. */
  readonly [whenOver]?: ((hear: (error: unknown) => void) => void) | undefined;
}

// Beside the event and not on it: what a layer gives is the SDK's own object.
const wholes = new WeakSet<object>();

/** @internal Notes that an event of a layer is no event but the whole response, to be read as one. */
export function noteWhole<Response extends object>(response: Response): Response {
  wholes.add(response);
  return response;
}

/** @internal True for an event that is the whole response. */
export function isWhole(event: object): boolean {
  return wholes.has(event);
}

/** One execution of a tool in a loop. */
export interface ToolRun {
  /** The tool's name, the call's id, and its arguments as the model gave them: JSON text, or an object. */
  readonly name: string;
  readonly id: string;
  readonly input: string | object;
  readonly description: string | undefined;
  readonly provider: string;
  readonly model: string;
  readonly signal: AbortSignal | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
}

/** One call of the function: its arguments, which a layer may replace. */
export interface CallRun {
  readonly args: readonly unknown[];
  readonly provider: string;
  readonly model: string;
  readonly signal: AbortSignal | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  /** Waits so many milliseconds, as `Outgoing.wait`. */
  wait(ms: number): Promise<void>;
}

/** What a call of the function gave: its value, and the answer it comes from. */
export interface CallEnd {
  readonly value: unknown;
  readonly response: Answer | undefined;
  /** What was tried before, to be told with the answer. */
  readonly attempts?: readonly Attempt[] | undefined;
}

/** One run of a tool loop. */
export interface LoopRun {
  readonly args: readonly unknown[];
  readonly provider: string;
  readonly model: string;
  /** What telemetry calls the provider. */
  readonly telemetry?: TelemetryNames | undefined;
  readonly signal: AbortSignal | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
}

/** What a run of a tool loop came to. */
export interface LoopEnd {
  readonly status: string;
  readonly responses: readonly Answer[];
  /** US dollars of the whole run; `undefined` when one of its requests has no certain price. */
  readonly cost: number | undefined;
}

/** Waits so many milliseconds; an abort ends it with its reason. */
export type Wait = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

/** Where a layer that stands next to the provider has its place among its like. */
export type LayerKind = "durable" | "budget" | "limit" | "own" | "answers" | "refuses";

/** @internal Set by the layers of this package: their place, and that a stream's events pass through them untouched. */
export const kindOfLayer: unique symbol = Symbol.for("callscope.layer.kind");
/** @internal On the error of a run that was left: what it had come to. */
export const leftWith: unique symbol = Symbol.for("callscope.loop.left");
/** @internal How what stands in a scope of this layer waits. */
export const waitsBy: unique symbol = Symbol.for("callscope.layer.waits");
/** @internal */
export const passesEvents: unique symbol = Symbol.for("callscope.layer.passes");
/** @internal Set by layers of this package whose `send` gives a promise of what `next` gave, in whatever way it ends. */
export const givesReceived: unique symbol = Symbol.for("callscope.layer.gives");
/** Of events that tell when they are over, with the error they ended in, before whoever reads them is told. */
export const whenOver: unique symbol = Symbol.for("callscope.events.over");

/** Stands in the types alone: the arguments a layer can be used with. */
export declare const argumentsOf: unique symbol;

/**
 * What stands between a prepared call and the provider: each member is optional and stands around one thing, `next` being
 * what is inside. A layer may hand `next` something else, ask it several times, or answer by itself. `Args` are the
 * arguments of the calls it can be used with, where it speaks of them.
 */
export interface Layer<Args extends readonly unknown[] = readonly unknown[]> {
  /** For whoever looks at a list of layers. */
  readonly name?: string;
  /** True for one that stands next to the provider, wherever it is given: it sees each request that is really sent. */
  readonly perRequest?: true;
  /** Around one request and its whole answer. */
  send?(request: Outgoing, next: (request: Outgoing) => Promise<Received>): Promise<ReceivedData>;
  /** Around one request and its events. */
  stream?(request: Outgoing, next: (request: Outgoing) => EventStream): AsyncIterable<object>;
  /** Around one execution of a tool in a loop; gives the tool's result. */
  tool?(use: ToolRun, next: (use: ToolRun) => Promise<unknown>): Promise<unknown>;
  /** Around one call of the function that does not stream: its requests, its re-asks, its value. */
  call?(use: CallRun, next: (use: CallRun) => Promise<CallEnd>): Promise<CallEnd>;
  /** Around one run of a tool loop. */
  loop?(run: LoopRun, next: (run: LoopRun) => Promise<LoopEnd>): Promise<LoopEnd>;
  /** @internal */
  readonly [kindOfLayer]?: LayerKind;
  /** @internal */
  readonly [givesReceived]?: true;
  /** @internal */
  readonly [passesEvents]?: true;
  /** @internal */
  readonly [waitsBy]?: Wait;
  /** Stands in the types alone. */
  [argumentsOf]?(...args: Args): void;
}
