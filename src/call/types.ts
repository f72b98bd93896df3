import type { Layer } from "../contract/layer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { Received as Came, ReceivedData } from "../contract/received.ts";
import type { Prices } from "../money/cost.ts";
import type { Definition, Prepared, Sending } from "../prepare/prepare.ts";
import type { DynamicConfig, PromptReturn } from "../prepare/prompt-types.ts";
import type { PreparedCall } from "../prepare/report.ts";
import type { CallResponse } from "../read/response.ts";
import type { Stream } from "../read/stream.ts";
import type { Infer, InferInput, StandardSchemaV1 } from "../schema/schema.ts";
import type { StructuredStream } from "../structured/structured-stream.ts";
import type { Tool } from "../tools/tool.ts";

/** Stands for an option that was left out. */
export declare const none: unique symbol;
export type None = typeof none;

/** `true` streams; `{ partialTools: true }` also shows tool calls while they grow. */
export type StreamOption = boolean | { readonly partialTools: boolean };

/** A schema, or a function of the call's own arguments that makes one. */
export type ResponseModel = StandardSchemaV1 | ((...args: never[]) => StandardSchemaV1);

/** The response model, or the sentence that says what it must be. */
export type ModelOption<Schema> = Schema extends ResponseModel | None
  ? Schema
  : "a response model is a Standard Schema or a function that makes one: wrap JSON Schema in `jsonSchema()`";

/** What a prompt must be beside its response model: nothing more, or the sentence that says what does not go together. */
export type PromptOf<Schema, Args extends unknown[]> = [Schema] extends [
  StandardSchemaV1 | None | ((...args: Args) => unknown),
]
  ? unknown
  : "the response model is made of the prompt's arguments: give the prompt the parameters that it takes";

/** The validated type of a response model. */
export type Model<Schema> = Schema extends StandardSchemaV1
  ? Infer<Schema>
  : Schema extends (...args: never[]) => infer Made
    ? Made extends StandardSchemaV1
      ? Infer<Made>
      : never
    : never;

/** What a model writes to satisfy a response model: what partial values are made of, before any transform. */
export type Received<Schema> = Schema extends StandardSchemaV1
  ? InferInput<Schema>
  : Schema extends (...args: never[]) => infer Made
    ? Made extends StandardSchemaV1
      ? InferInput<Made>
      : never
    : never;

/** What a call may be told beside its model and prompt. One type parameter an option. */
export interface CallOptions<
  P extends ProviderTypes,
  S extends StreamOption = StreamOption,
  Schema = ResponseModel,
  Parsed = unknown,
  Tools extends readonly Tool[] = readonly Tool[],
> {
  /** Gives the answer as it comes. `false` by default. */
  readonly stream?: S | undefined;
  /** Functions the model may call. */
  readonly tools?: Tools | undefined;
  /** The shape the answer must have: the call then gives the validated value. */
  readonly responseModel?: ModelOption<Schema>;
  /** Makes something else of the response, or of the validated value. */
  readonly outputParser?: ParserOption<P, S, Schema, Parsed, Tools> | undefined;
  /** Asks for JSON instead of a tool call: `true` by JSON mode, `"schema"` by the provider's own schema mode. */
  readonly jsonMode?: boolean | "schema" | undefined;
  /** The SDK client to use; by default one is made from the environment. */
  readonly client?: P["Client"] | undefined;
  /** The SDK's own request parameters, by their own names. */
  readonly callParams?: Partial<P["Params"]> | undefined;
  /** How often the model is shown what was wrong with its answer and asked again. 0 by default. */
  readonly retries?: { readonly validation: number } | undefined;
  /** What stands between the prepared call and the provider, the outermost first: `retry()`, `budget()`, your own. */
  readonly layers?: readonly Layer[] | undefined;
}

/** The parser, or the sentence that says why there cannot be one. */
export type ParserOption<P extends ProviderTypes, S, Schema, Parsed, Tools extends readonly Tool[]> = S extends
  | true
  | { readonly partialTools: boolean }
  ? "an output parser needs the whole response: leave out `stream` or the parser"
  : (input: ParserInput<P, Schema, Tools>) => Parsed;

/** What an output parser is given. */
export type ParserInput<P extends ProviderTypes, Schema, Tools extends readonly Tool[]> = Schema extends None
  ? CallResponse<P, Tools[number]>
  : Structured<P, Schema, Tools>;

/** With tools beside a response model the model chooses: the response if it called a tool, else the value. */
export type Structured<P extends ProviderTypes, Schema, Tools extends readonly Tool[]> = Tools extends readonly []
  ? Model<Schema>
  : Model<Schema> | CallResponse<P, Tools[number]>;

/** What a call without a stream gives. */
export type Value<P extends ProviderTypes, Schema, Parsed, Tools extends readonly Tool[]> = Parsed extends None
  ? ParserInput<P, Schema, Tools>
  : Awaited<Parsed>;

type Extracted<Schema, Parsed> = Schema extends None ? never : Parsed extends None ? Model<Schema> : never;

/** What calling the function gives, as its options say. */
export type CallResult<
  P extends ProviderTypes,
  S extends StreamOption,
  Schema,
  Parsed,
  Tools extends readonly Tool[],
> = S extends false
  ? Schema extends None
    ? Parsed extends None
      ? [Tools[number]] extends [never]
        ? ResponsePromise<P>
        : ToolResponsePromise<P, Tools[number]>
      : [Tools[number]] extends [never]
        ? ParsedPromise<P, Awaited<Parsed>>
        : CallPromise<Awaited<Parsed>, CallResponse<P, Tools[number]>>
    : [Tools[number]] extends [never]
      ? Parsed extends None
        ? ValuePromise<P, Model<Schema>>
        : ParsedPromise<P, Awaited<Parsed>>
      : CallPromise<Value<P, Schema, Parsed, Tools>, CallResponse<P, Tools[number]>, Extracted<Schema, Parsed>>
  : Schema extends None
    ? Stream<P, Tools[number], S extends { readonly partialTools: true } ? true : false>
    : StructuredStream<P, Model<Schema>, Received<Schema>>;

/** A promise of the response: what a plain call gives. */
export interface ResponsePromise<P extends ProviderTypes>
  extends CallPromise<CallResponse<P, never>, CallResponse<P, never>> {}

/** A promise of the response to a call that offers tools. */
export interface ToolResponsePromise<P extends ProviderTypes, T extends Tool>
  extends CallPromise<CallResponse<P, T>, CallResponse<P, T>> {}

/** A promise of a response model's value. */
export interface ValuePromise<P extends ProviderTypes, Value>
  extends CallPromise<Value, CallResponse<P, never>, Value> {}

/** A promise of what an output parser made. */
export interface ParsedPromise<P extends ProviderTypes, Value> extends CallPromise<Value, CallResponse<P, never>> {}

/** A promise of the value that can also give the response it came from, for primitive values too. */
export interface CallPromise<Result, Response, Extracted = never> extends Promise<Result> {
  /** Stands in the types alone: what a response model gives when no tool is called; `never` without one. */
  readonly __extracted?: Extracted;
  withResponse(): Promise<{ value: Result; response: Response }>;
}

/** Layers that speak of a call's arguments speak of this one's. */
export interface LayersFor<Args extends readonly unknown[]> {
  readonly layers?: readonly Layer<Args>[] | undefined;
}

/** What only the caller knows, at run time. */
export interface Overrides<P extends ProviderTypes, Tools extends readonly Tool[] = readonly Tool[]> extends Sending {
  readonly model?: ModelOf<P> | (string & {}) | undefined;
  readonly client?: P["Client"] | undefined;
  /** Merged over the call's own, key by key. */
  readonly callParams?: Partial<P["Params"]> | undefined;
  /** Replace the call's tools. */
  readonly tools?: Tools | undefined;
  /** Ends the call when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for each request, the body included. */
  readonly timeout?: number | undefined;
  /** Milliseconds a stream may stay silent; 300,000 by default, 0 for no limit. */
  readonly idleTimeout?: number | undefined;
  /** Sent with the request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Prices that win over the price list, by model name, in US dollars a million tokens; or another list (`readPrices`). */
  readonly prices?: Prices | undefined;
  /** Milliseconds for the whole call: all its requests, waits and steps together. */
  readonly deadline?: number | undefined;
  /** Further layers, inside those the call has. */
  readonly layers?: readonly Layer[] | undefined;
}

/** What reading an answer gives: what awaiting the call, or the end of its stream, would have given. */
export type ReadResult<P extends ProviderTypes, Result> =
  Result extends CallPromise<infer Value, infer _, infer __>
    ? Value
    : Result extends Stream<P, infer T, infer _>
      ? CallResponse<P, T>
      : Result extends StructuredStream<P, infer Value, infer _>
        ? Value
        : never;

/** What a call gives when it offers other tools. */
export type Retooled<P extends ProviderTypes, Result, T extends Tool> =
  Result extends CallPromise<infer Value, infer _, infer Extracted>
    ? [Extracted] extends [never]
      ? CallPromise<Value extends CallResponse<P, infer _> ? CallResponse<P, T> : Value, CallResponse<P, T>>
      : CallPromise<Extracted | ([T] extends [never] ? never : CallResponse<P, T>), CallResponse<P, T>, Extracted>
    : Result extends Stream<P, infer _, infer Partials>
      ? Stream<P, T, Partials>
      : Result;

/** Where a call keeps its definition, for what is made of calls: a call has one of its own, a fallback or hedge several. */
export const definition: unique symbol = Symbol("definition");

/** One typed call: a function with the prompt's own parameters. */
export interface TypedCall<P extends ProviderTypes, Args extends unknown[], Result> {
  (...args: Args): Result;
  /** The same call with what is known only at run time. This one stays as it is. */
  with<const Tools extends readonly Tool[] = never>(
    overrides: Overrides<P, Tools> & LayersFor<Args>,
  ): TypedCall<P, Args, [Tools] extends [never] ? Result : Retooled<P, Result, Tools[number]>>;
  /** The exact native request and everything known about it. Nothing is sent. */
  prepare(...args: Args): Promise<PreparedCall<P>>;
  /** Sends a prepared call, also one that went through JSON, and gives what came: of a stream the answer it made. */
  send(prepared: Prepared<P>): Promise<Came<P>>;
  /** Reads what came as calling would have: the response, the validated value, or what the parser made of it. */
  read(prepared: Prepared<P>, received: ReceivedData<P>): Promise<ReadResult<P, Result>>;
  /** For what is made of calls. */
  readonly [definition]: Definition<P>;
}

/** The tools a call offers: those of the dynamic configuration, where its type names any, else the static ones. */
export type Offered<Return, Tools extends readonly Tool[]> =
  Awaited<Return> extends infer Value
    ? Value extends { readonly tools: infer Dynamic extends readonly Tool[] }
      ? Dynamic
      : Value extends { readonly tools?: infer Dynamic }
        ? Tools | Extract<Dynamic, readonly Tool[]>
        : Tools
    : never;

/** The names of a provider's models, as its SDK completes them; any other is taken, too. */
export type ModelOf<P extends ProviderTypes> = P["Request"] extends { readonly model: infer Model extends string }
  ? Model
  : string;

/** What binds a prompt to a model of one provider; `Model` is what may stand for its name, where there is such. */
export interface Call<P extends ProviderTypes, Model = never> {
  /** One prompt, one model: `call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`)`. */
  <Args extends unknown[], Return extends PromptReturn<P> | Promise<PromptReturn<P>>>(
    model: ModelOf<P> | (string & {}) | Model,
    prompt: (...args: Args) => Return,
  ): TypedCall<P, Args, CallResult<P, false, None, None, Offered<Return, []>>>;
  /** With options. */
  <
    Args extends unknown[],
    Return extends PromptReturn<P> | Promise<PromptReturn<P>>,
    S extends StreamOption = false,
    Schema = None,
    Parsed = None,
    const Tools extends readonly Tool[] = [],
  >(
    model: ModelOf<P> | (string & {}) | Model,
    options: CallOptions<P, S, Schema, Parsed, Tools> & LayersFor<NoInfer<Args>>,
    prompt: ((...args: Args) => Return) & PromptOf<Schema, Args>,
  ): TypedCall<P, Args, CallResult<P, S, Schema, Parsed, Offered<Return, Tools>>>;
  /** Without a prompt: a function that binds one, so that one prompt serves several providers. */
  <S extends StreamOption = false, Schema = None, Parsed = None, const Tools extends readonly Tool[] = []>(
    model: ModelOf<P> | (string & {}) | Model,
    options?: CallOptions<P, S, Schema, Parsed, Tools>,
  ): <Args extends unknown[], Return extends PromptReturn<P> | Promise<PromptReturn<P>>>(
    prompt: ((...args: Args) => Return) & PromptOf<Schema, Args>,
  ) => TypedCall<P, Args, CallResult<P, S, Schema, Parsed, Offered<Return, Tools>>>;
  /** Nothing gets here: it is what a wrong call is measured by, so that the compiler speaks of its prompt. */
  <Args extends unknown[]>(
    model: ModelOf<P> | (string & {}) | Model,
    promptOrOptions: ((...args: Args) => PromptReturn<P> | Promise<PromptReturn<P>>) | CallOptions<P>,
  ): never;
}

export type { DynamicConfig };
