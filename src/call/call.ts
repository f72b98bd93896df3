import type { Provider, ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { type Definition, mergeParams, type Plan, prepare, replan } from "../prepare/prepare.ts";
import { sourceOf } from "../prepare/prompt.ts";
import { CallResponse } from "../read/response.ts";
import { Stream } from "../read/stream.ts";
import { send } from "../send/send.ts";
import { extract } from "../structured/extract.ts";
import { ParseError } from "../structured/parse-error.ts";
import { StructuredStream } from "../structured/structured-stream.ts";
import { feedback } from "../structured/validation-retry.ts";
import { checkOptions, outputOption } from "./options.ts";
import { override } from "./override.ts";
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
    callParams: mergeParams<P["Params"]>({}, callParams, provider),
    route: undefined,
    sending: undefined,
  };
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
