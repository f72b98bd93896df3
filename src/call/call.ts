import type { Provider, ProviderTypes } from "../contract/provider.ts";
import { ConfigError, ParseError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { describe } from "../message/message.ts";
import { type Definition, mergeParams, type Plan, prepare, replan, type Sending, send } from "../prepare/prepare.ts";
import { sourceOf } from "../prepare/prompt.ts";
import { CallResponse } from "../read/response.ts";
import { Stream } from "../read/stream.ts";
import { isSchema } from "../schema/schema.ts";
import { extract, type OutputOption } from "../structured/extract.ts";
import { StructuredStream } from "../structured/structured-stream.ts";
import { feedback } from "../structured/validation-retry.ts";
import type { Tool } from "../tools/tool.ts";
import { type Call, type CallOptions, type CallPromise, definition, type Overrides, type TypedCall } from "./types.ts";

type Write = (...args: never[]) => unknown;

/** Makes a provider's `call`: options in, typed function out. */
export function createCall<P extends ProviderTypes>(provider: Provider<P>): Call<P> {
  return makeCall<P>((model, options, write) => define(provider, model, options, write));
}

/** @internal The three ways to write a call, over one way to define it. */
export function makeCall<P extends ProviderTypes>(
  define: (model: string, options: CallOptions<P>, write: Write) => Definition<P>,
): Call<P> {
  const call = (model: string, second?: Write | CallOptions<P>, third?: Write) => {
    if (typeof model !== "string" || model === "") {
      throw new ConfigError(`A call needs the name of a model; it was given ${describe(model)}.`);
    }
    if (typeof second === "function" && third !== undefined) {
      throw new ConfigError("A call's options come before its prompt: call(model, options, prompt).");
    }
    if (typeof second === "function") return bind(define(model, {}, second));
    const options = second ?? {};
    if (third !== undefined) return bind(define(model, options, third));
    checkOptions(options);
    return (write: Write) => bind(define(model, options, write));
  };
  // The one cast: the overloads of `Call` say by types what is decided here by values.
  return call as unknown as Call<P>;
}

const optionKeys: readonly string[] = [
  "stream",
  "tools",
  "responseModel",
  "outputParser",
  "jsonMode",
  "client",
  "callParams",
  "retries",
] satisfies (keyof CallOptions<ProviderTypes>)[];

function checkOptions<P extends ProviderTypes>(options: CallOptions<P>): void {
  if (typeof options !== "object" || options === null) {
    throw new ConfigError(`A call's options are an object; they were given as ${describe(options)}.`);
  }
  const unknown = unknownKey("A call has no option", options, optionKeys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { stream = false, outputParser, responseModel, tools = [], retries, jsonMode } = options;
  checkTools(tools);
  if (typeof stream !== "boolean" && typeof stream?.partialTools !== "boolean") {
    throw new ConfigError(`\`stream\` is true, false or { partialTools }; it was given ${describe(stream)}.`);
  }
  if (jsonMode !== undefined && typeof jsonMode !== "boolean" && jsonMode !== "schema") {
    throw new ConfigError(`\`jsonMode\` is true, false or "schema"; it was given ${describe(jsonMode)}.`);
  }
  if (outputParser !== undefined && typeof outputParser !== "function") {
    throw new ConfigError(`\`outputParser\` is a function; it was given ${describe(outputParser)}.`);
  }
  if (retries !== undefined && typeof retries?.validation !== "number") {
    throw new ConfigError("`retries` is { validation: n }: how often the model is shown its mistake and asked again.");
  }
  const times = retries?.validation ?? 0;
  if (!Number.isInteger(times) || times < 0) {
    throw new ConfigError(`\`retries.validation\` is a whole number from 0; it was given ${times}.`);
  }
  if (times > 0 && responseModel === undefined) {
    throw new ConfigError("`retries.validation` needs a `responseModel`: nothing else is validated.");
  }
  if (stream !== false && times > 0) {
    throw new ConfigError("A stream is not asked again: leave out `stream` or `retries`.");
  }
  if (stream !== false && outputParser !== undefined) {
    throw new ConfigError("An output parser needs the whole response: leave out `stream` or the parser.");
  }
  checkStructuredStream(stream !== false && responseModel !== undefined, tools);
  if (responseModel !== undefined && !isSchema(responseModel) && typeof responseModel !== "function") {
    throw new ConfigError(
      "`responseModel` is a Standard Schema or a function that makes one; wrap JSON Schema in jsonSchema().",
    );
  }
}

function checkStructuredStream(isOne: boolean, tools: readonly Tool[]): void {
  if (!isOne || tools.length === 0) return;
  throw new ConfigError("A structured stream offers no tools: leave out `stream`, `tools` or `responseModel`.");
}

function checkTools(tools: unknown): void {
  const isTool = (one: unknown) => typeof one === "object" && one !== null && "name" in one && "parameters" in one;
  if (Array.isArray(tools) && tools.every(isTool)) return;
  throw new ConfigError("`tools` is an array of what tool() gives.");
}

/** @internal Checks the options and makes a definition of them. */
export function define<P extends ProviderTypes>(
  provider: Provider<P>,
  model: string,
  options: CallOptions<P>,
  write: Write,
): Definition<P> {
  checkOptions(options);
  const { stream = false, tools = [], outputParser, client, callParams, retries } = options;
  return {
    provider,
    model,
    prompt: sourceOf(write),
    stream: stream !== false,
    partialTools: typeof stream === "object" && stream.partialTools,
    tools,
    output: outputOption(options),
    outputParser: outputParser as Definition<P>["outputParser"],
    validationRetries: retries?.validation ?? 0,
    client,
    callParams: mergeParams<P["Params"]>({}, callParams),
    route: undefined,
    sending: undefined,
  };
}

function outputOption<P extends ProviderTypes>({ responseModel, jsonMode }: CallOptions<P>): OutputOption | undefined {
  if (responseModel === undefined) return jsonMode ? { mode: "json", schema: undefined } : undefined;
  const mode = jsonMode === "schema" ? "schema" : jsonMode ? "json" : "tool";
  return { mode, schema: responseModel as OutputOption["schema"] };
}

/** @internal Makes the function of a definition. */
export function bind<P extends ProviderTypes>(defined: Definition<P>): TypedCall<P, unknown[], unknown> {
  const typed = Object.assign(defined.stream ? streamed(defined) : awaited(defined), {
    with: (overrides: Overrides<P>) => bind(override(defined, overrides)),
    prepare: async (...args: unknown[]) => {
      const { withReport } = await import("../prepare/report.ts");
      return withReport(defined.provider, await prepare(defined, args), defined.sending?.prices);
    },
  });
  // Not to be seen when a call is printed: it holds the client, and that the key.
  return Object.defineProperty(typed, definition, { value: defined }) as typeof typed &
    TypedCall<P, unknown[], unknown>;
}

function streamed<P extends ProviderTypes>(definition: Definition<P>) {
  return (...args: unknown[]) => {
    const stream = new Stream<P>(definition, () => prepare(definition, args));
    return definition.output?.schema === undefined ? stream : new StructuredStream<P, unknown>(stream);
  };
}

function awaited<P extends ProviderTypes>(definition: Definition<P>) {
  return (...args: unknown[]) => {
    const answered: { response?: CallResponse<P> } = {};
    const promise = run(definition, args, answered) as CallPromise<unknown, CallResponse<P>>;
    promise.withResponse = async () => ({ value: await promise, response: answered.response as CallResponse<P> });
    return promise;
  };
}

function checkTime(name: string, time: number | undefined, least: number): void {
  if (time === undefined || time >= least) return;
  throw new ConfigError(`\`${name}\` is a time in milliseconds, at least ${least}; it was given ${time}.`);
}

const overrideKeys: readonly string[] = [
  "model",
  "client",
  "callParams",
  "tools",
  "signal",
  "timeout",
  "idleTimeout",
  "headers",
  "prices",
] satisfies (keyof Overrides<ProviderTypes>)[];

function override<P extends ProviderTypes>(definition: Definition<P>, overrides: Overrides<P>): Definition<P> {
  if (typeof overrides !== "object" || overrides === null) {
    throw new ConfigError(`with() takes an object of overrides; it was given ${describe(overrides)}.`);
  }
  const unknown = unknownKey("with() has no override", overrides, overrideKeys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { model, client, callParams, tools, ...rest } = overrides;
  // Like everywhere, `undefined` erases nothing.
  const sending: Sending = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  if (model === "") throw new ConfigError("A call needs the name of a model; with() was given an empty one.");
  if (tools !== undefined) checkTools(tools);
  if (sending.signal !== undefined && typeof sending.signal.throwIfAborted !== "function") {
    throw new ConfigError("`signal` is an AbortSignal: give the controller's `signal`.");
  }
  checkTime("timeout", sending.timeout, 1);
  checkTime("idleTimeout", sending.idleTimeout, 0);
  checkStructuredStream(definition.stream && definition.output?.schema !== undefined, tools ?? []);
  const target = moved(definition, model);
  // A client belongs to its provider: it does not move along.
  const kept = target.provider?.name === definition.provider.name || target.provider === undefined;
  const { headers: earlierHeaders, ...earlier } = definition.sending ?? {};
  // Nor do headers, which may hold its key.
  const headers = kept && earlierHeaders ? { ...earlierHeaders, ...sending.headers } : sending.headers;
  const joined = { ...earlier, ...sending, ...(headers && { headers }) };
  return {
    ...definition,
    ...target,
    client: client ?? (kept ? definition.client : undefined),
    callParams: mergeParams(definition.callParams, callParams),
    tools: tools ?? definition.tools,
    sending: Object.keys(joined).length > 0 ? joined : undefined,
  };
}

function moved<P extends ProviderTypes>(
  { route }: Definition<P>,
  model: string | undefined,
): { provider?: Provider<P>; model?: string } {
  if (model === undefined) return {};
  return route === undefined ? { model } : route.find(model);
}

/** One call from the prompt to the value; `answered` is told of the response the value comes from. */
async function run<P extends ProviderTypes>(
  call: Definition<P>,
  args: readonly unknown[],
  answered: { response?: CallResponse<P> },
): Promise<unknown> {
  const plan = await prepare(call, args);
  if (plan.output?.schema !== undefined) return parse(call, await structured(call, plan, answered), answered);
  const response = new CallResponse<P>(call, plan, await send(call, plan));
  answered.response = response;
  return call.outputParser === undefined ? response : parse(call, response, answered);
}

/** The validated value; where the answer does not fit, the model is told and asked again, as often as was allowed. */
async function structured<P extends ProviderTypes>(
  call: Definition<P>,
  first: Plan<P>,
  answered: { response?: CallResponse<P> },
): Promise<unknown> {
  const attempts: CallResponse<P>[] = [];
  for (let plan = first; ; ) {
    const response = new CallResponse<P>(call, plan, await send(call, plan), { attempts: [...attempts] });
    answered.response = response;
    if (plan.tools.length > 0 && response.toolCalls !== undefined) return response;
    try {
      return await extract(response, plan.output as NonNullable<Plan<P>["output"]>);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      if (attempts.length >= call.validationRetries) throw withAttempts(error, attempts);
      attempts.push(response);
      plan = replan(call, plan, feedback(error, response));
    }
  }
}

function withAttempts(error: ParseError, attempts: readonly CallResponse<ProviderTypes>[]): ParseError {
  const { kind, message, response, text, issues, cause } = error;
  if (attempts.length === 0) return error;
  return new ParseError(kind, message, { response, text, issues, attempts: [...attempts] }, { cause });
}

async function parse<P extends ProviderTypes>(
  { outputParser }: Definition<P>,
  value: unknown,
  { response: answer }: { response?: CallResponse<P> },
): Promise<unknown> {
  if (outputParser === undefined) return value;
  try {
    return await outputParser(value as never);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    // What is parsed came of a response.
    const response = answer as CallResponse<P>;
    const details = { response, text: response.content };
    throw new ParseError("output_parser", `The output parser failed: ${said}`, details, { cause });
  }
}
