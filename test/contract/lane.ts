import type { Call, CallPromise } from "../../src/call/types.ts";
import type { CommonParams, Provider, ProviderTypes } from "../../src/contract/provider.ts";
import type { PreparedCall } from "../../src/prepare/report.ts";
import type { CallResponse } from "../../src/read/response.ts";
import type { Stream } from "../../src/read/stream.ts";
import type { StructuredStream } from "../../src/structured/structured-stream.ts";
import type { Events, Handler } from "../support/fault-server.ts";
import { type LoopbackServer, type ServedRequest, startServer } from "../support/server.ts";

// What the contract tests see of a provider: its typed call, a real client of its SDK, and someone who writes its wire.

/** A tool call that the model is to make; `args` is JSON text, and an `id` of `""` is none. */
export interface SaidCall {
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

/** What the model is to say, in no provider's words. It always reads 10 tokens and writes 5. */
export interface Said {
  readonly text?: string;
  readonly thinking?: string;
  readonly toolCalls?: readonly SaidCall[];
  /** Where the model has a field of its own for declining. */
  readonly refusal?: string;
  /** By default `tool_calls` where there are any, else `stop`. */
  readonly finish?: "stop" | "length" | "tool_calls" | "content_filter";
}

/** A streamed answer: what precedes the content, the content piece by piece, and what proves it whole. */
export interface Script {
  readonly opening: Events;
  readonly pieces: Events;
  readonly closing: Events;
}

/** One turn of a conversation as it was found in a request. Results that follow one another are one turn. */
export interface Turn {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly args: unknown }[];
  readonly results: readonly { readonly id: string; readonly text: string }[];
}

/** A kind of content, as the matrix tells them apart. */
export type Kind = "picture" | "picture by address" | "sound" | "document" | "cache mark";

/** What a provider can do; every entry is held by a test, and the matrix in the docs is made of them. */
export interface Traits {
  readonly parts: readonly Kind[];
  /** The common parameters it has. */
  readonly common: readonly (keyof CommonParams)[];
  /** Whether an answer held to JSON is asked for by a field of the request, or in words alone. */
  readonly json: "field" | "words";
  /** The same of one that is held to a schema. */
  readonly schema: "field" | "field and words";
  /** Thoughts come apart from the content. */
  readonly thinking: boolean;
  /** A refusal has a field of its own. */
  readonly refusal: boolean;
  /** Arguments of a streamed tool call come in pieces. */
  readonly partialTools: boolean;
  /** What a tool's result holds beside text. */
  readonly resultParts: readonly Kind[];
  /** A tool's result can be marked as an error. */
  readonly errorResults: boolean;
  /** The system prompt is a field of the request, not a message. */
  readonly systemField: boolean;
  /** `classify` can read how long a 429 asks to wait. */
  readonly retryAfter: boolean;
}

export interface Json {
  readonly [key: string]: unknown;
}

/** The key of every client. */
export const secret = "sk-secret";

type ErrorClass = abstract new (...args: never[]) => Error;

/** One provider, reached by one of its SDKs. */
export interface Lane {
  /** Unique among the lanes. */
  readonly name: string;
  readonly provider: Provider<ProviderTypes>;
  /** What messages of `ConfigError` call its subpath. */
  readonly subpath: string;
  /** One that the price list knows; answers echo it. */
  readonly model: string;
  /** The id of every answer. */
  readonly id: string;
  /** True where nobody sends a bill. */
  readonly free?: true;
  readonly call: AnyCall;
  /** The SDK's own client, without retries. Its key is `secret`. */
  client(url: string): object;
  /** Other providers' clients that it must tell from its own. */
  readonly foreign: readonly object[];
  whole(said: Said): Json;
  script(said: Said): Script;
  /** Headers of every good answer. */
  readonly headers?: Readonly<Record<string, string>>;
  turns(body: Json): Turn[];
  /** The provider's own form of a user's message, and of its cap of tokens, to be passed through. */
  readonly native: { readonly user: (text: string) => object; readonly params: object; readonly sent: object };
  readonly traits: Traits;
}

/** A provider that is reached over a network, and how that can fail. */
export interface NetworkLane extends Lane {
  /** A refusal of the service, in its words. */
  error(status: number, headers?: Readonly<Record<string, string>>): Handler;
  errorClass(status: number): ErrorClass;
  /** An event of a stream that says that something went wrong, where the wire has one, and what it becomes. */
  readonly errorEvent?: { readonly event: string | Uint8Array; readonly errorClass: ErrorClass };
  /** An event that is none. */
  readonly badEvent: string | Uint8Array;
  /** The SDK's own error for a success that is no answer, where it checks that: its name, by that of the body. */
  readonly bodyErrors?: Readonly<Record<string, string>>;
  /** What a stream is called whose connection broke, where the SDK does not tell that from an end. */
  readonly brokenAs?: "stream_ended_early";
}

/** A call whose types do not matter to the test. */
export type AnyCall = (model: string, options: object, write: unknown) => Asked<unknown>;

/** A bound call. */
export interface Asked<Result> {
  (...args: unknown[]): Result;
  with(overrides: object): Asked<Result>;
  prepare(...args: unknown[]): Promise<PreparedCall<ProviderTypes>>;
}

/** A provider and its `call` as a lane has them. */
export function bare<P extends ProviderTypes>(call: Call<P>, provider: Provider<P>): Pick<Lane, "call" | "provider"> {
  // The tests say by values what the overloads of `Call` and the types of the provider say by types.
  return { call: call as unknown as AnyCall, provider: provider as unknown as Provider<ProviderTypes> };
}

/** The lane of a provider that is reached over a network. */
export function laneOf<P extends ProviderTypes>(
  call: Call<P>,
  provider: Provider<P>,
  lane: Omit<NetworkLane, "call" | "provider">,
): NetworkLane {
  return { ...lane, ...bare(call, provider) };
}

const hi = () => "Hi";

/** A call that gives its response. */
export function ask(lane: Lane, options: object = {}, write: unknown = hi) {
  return lane.call(lane.model, options, write) as Asked<CallPromise<CallResponse, CallResponse>>;
}

/** A call that gives a value: a model's, a parser's. */
export function askFor<Value>(lane: Lane, options: object, write: unknown = hi) {
  return lane.call(lane.model, options, write) as Asked<CallPromise<Value, CallResponse>>;
}

/** A streamed call. */
export function streamOf(lane: Lane, options: object = {}, write: unknown = hi) {
  return lane.call(lane.model, { stream: true, ...options }, write) as Asked<Stream<ProviderTypes>>;
}

/** A streamed call that gives a value as it grows. */
export function growing<Value>(lane: Lane, options: object, write: unknown = hi) {
  return lane.call(lane.model, { ...options, stream: true }, write) as Asked<StructuredStream<ProviderTypes, Value>>;
}

/** The events of a whole stream. */
export function eventsOf(lane: Lane, said: Said): Events {
  const { opening, pieces, closing } = lane.script(said);
  return [...opening, ...pieces, ...closing];
}

/** A server in a provider's place, and a client of it. */
export interface Served extends LoopbackServer {
  readonly client: object;
  /** The body of the request at this index. */
  body(index?: number): Json;
  /** The conversation in it. */
  turns(index?: number): Turn[];
}

/** Starts a server that gives these answers in turn (the last one again and again), streamed where that was asked for. */
export async function serve(lane: Lane, ...answers: readonly (Said | Handler)[]): Promise<Served> {
  const server = await startServer((answer) => {
    const given = answers[Math.min(answer.index, answers.length - 1)];
    if (typeof given === "function") return given(answer);
    const { headers = {} } = lane;
    if (!isStreamed(answer.request)) {
      answer.send(200, { "content-type": "application/json", ...headers }, JSON.stringify(lane.whole(given ?? {})));
      return;
    }
    const events = eventsOf(lane, given ?? {});
    const isText = typeof events[0] === "string";
    const type = isText ? "text/event-stream" : "application/vnd.amazon.eventstream";
    answer.send(200, { "content-type": type, ...headers }, Buffer.concat(events.map((event) => Buffer.from(event))));
  });
  const client = lane.client(server.url);
  const close = async () => {
    // The AWS SDK keeps its HTTP/2 sessions until it is told not to.
    (client as { destroy?: () => void }).destroy?.();
    await server.close();
  };
  const body = (index = 0) => (server.requests.at(index)?.body ?? {}) as Json;
  return {
    ...server,
    get connections() {
      return server.connections;
    },
    client,
    body,
    turns: (index = 0) => lane.turns(body(index)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** True for a request that wants its answer as a stream. */
export function isStreamed({ body, path }: ServedRequest): boolean {
  return (body as Json | undefined)?.stream === true || /stream/i.test(path);
}
