import type { Call, CallOptions, CallPromise, Overrides, TypedCall } from "./call-types.ts";
import { ConfigError, ParseError } from "./errors.ts";
import { describe } from "./message.ts";
import { type Definition, mergeParams, type Plan, prepare, replan, request } from "./pipeline.ts";
import { sourceOf } from "./prompt.ts";
import type { Provider, ProviderTypes } from "./provider.ts";
import type { CallResponse } from "./response.ts";
import { isSchema } from "./schema.ts";
import { Stream } from "./stream.ts";
import { extract, type OutputOption } from "./structured.ts";
import { StructuredStream } from "./structured-stream.ts";
import { feedback } from "./validation-retry.ts";

type Write = (...args: never[]) => unknown;

/** Makes a provider's `call`: options in, typed function out. */
export function createCall<P extends ProviderTypes>(provider: Provider<P>): Call<P> {
  const call = (model: string, second?: Write | CallOptions<P>, third?: Write) => {
    if (typeof model !== "string" || model === "") {
      throw new ConfigError(`A call needs the name of a model; it was given ${describe(model)}.`);
    }
    if (typeof second === "function") return bind(define(provider, model, {}, second));
    const options = second ?? {};
    if (third !== undefined) return bind(define(provider, model, options, third));
    checkOptions(options);
    return (write: Write) => bind(define(provider, model, options, write));
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
  for (const key of Object.keys(options)) {
    if (!optionKeys.includes(key)) {
      throw new ConfigError(`A call has no option "${key}"; it has ${optionKeys.join(", ")}.`);
    }
  }
  const { stream = false, outputParser, responseModel, tools = [] } = options;
  if (stream !== false && outputParser !== undefined) {
    throw new ConfigError("An output parser needs the whole response: leave out `stream` or the parser.");
  }
  if (stream !== false && responseModel !== undefined && tools.length > 0) {
    throw new ConfigError("A structured stream offers no tools: leave out `stream`, `tools` or `responseModel`.");
  }
  if (responseModel !== undefined && !isSchema(responseModel) && typeof responseModel !== "function") {
    throw new ConfigError(
      "`responseModel` is a Standard Schema or a function that makes one; wrap JSON Schema in jsonSchema().",
    );
  }
}

function define<P extends ProviderTypes>(
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
    common: undefined,
    sending: {},
  };
}

function outputOption<P extends ProviderTypes>({ responseModel, jsonMode }: CallOptions<P>): OutputOption | undefined {
  if (responseModel === undefined) return jsonMode ? { mode: "json", schema: undefined } : undefined;
  const mode = jsonMode === "schema" ? "schema" : jsonMode ? "json" : "tool";
  return { mode, schema: responseModel as OutputOption["schema"] };
}

function bind<P extends ProviderTypes>(definition: Definition<P>): TypedCall<P, unknown[], unknown> {
  const call = definition.stream
    ? (...args: unknown[]) => {
        const stream = new Stream<P>(definition, () => prepare(definition, args));
        return definition.output?.schema === undefined ? stream : new StructuredStream<P, unknown>(stream);
      }
    : (...args: unknown[]) => new Outcome(run(definition, args));
  return Object.assign(call, {
    with: (overrides: Overrides<P>) => bind(override(definition, overrides)),
    prepare: async (...args: unknown[]) => (await prepare(definition, args)).prepared,
  });
}

function override<P extends ProviderTypes>(definition: Definition<P>, overrides: Overrides<P>): Definition<P> {
  const { model, client, callParams, tools, ...sending } = overrides;
  return {
    ...definition,
    model: model ?? definition.model,
    client: client ?? definition.client,
    callParams: mergeParams(definition.callParams, callParams),
    tools: tools ?? definition.tools,
    sending: { ...definition.sending, ...sending },
  };
}

interface Result<P extends ProviderTypes> {
  readonly value: unknown;
  readonly response: CallResponse<P>;
}

async function run<P extends ProviderTypes>(call: Definition<P>, args: readonly unknown[]): Promise<Result<P>> {
  const plan = await prepare(call, args);
  const result = plan.output?.schema === undefined ? undefined : await structured(call, plan);
  const response = result?.response ?? (await request(call, plan));
  const value = result === undefined ? response : result.value;
  return call.outputParser === undefined
    ? { value, response }
    : { value: await parse(call, value, response), response };
}

/** The validated value; where the answer does not fit, the model is told and asked again, as often as was allowed. */
async function structured<P extends ProviderTypes>(call: Definition<P>, first: Plan<P>): Promise<Result<P>> {
  const attempts: CallResponse<P>[] = [];
  for (let plan = first; ; ) {
    const response = await request(call, plan, attempts);
    if (plan.tools.length > 0 && response.toolCalls !== undefined) return { value: response, response };
    try {
      const { value } = await extract(response, plan.output as NonNullable<Plan<P>["output"]>);
      return { value, response };
    } catch (error) {
      if (!(error instanceof ParseError) || attempts.length >= call.validationRetries) {
        throw error instanceof ParseError ? withAttempts(error, attempts) : error;
      }
      attempts.push(response);
      plan = replan(call, plan, feedback(error, response));
    }
  }
}

function withAttempts(error: ParseError, attempts: readonly unknown[]): ParseError {
  const { kind, message, response, text, issues, cause } = error;
  if (attempts.length === 0) return error;
  return new ParseError(kind, message, { response, text, issues, attempts: [...attempts] }, { cause });
}

async function parse<P extends ProviderTypes>(
  call: Definition<P>,
  value: unknown,
  response: CallResponse<P>,
): Promise<unknown> {
  try {
    return await call.outputParser?.(value as never);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ParseError(
      "output_parser",
      `The output parser failed: ${said}`,
      { response, text: response.content },
      { cause },
    );
  }
}

/** The promise a call gives. Work is shared between its readers, and a rejection nobody reads is reported once. */
class Outcome<P extends ProviderTypes> extends Promise<unknown> implements CallPromise<unknown, CallResponse<P>> {
  readonly #result: Promise<Result<P>>;

  constructor(result: Promise<Result<P>>) {
    super((resolve) => resolve(undefined));
    this.#result = result;
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: a promise has one; it reads the value out of the shared result.
  override then<A = unknown, B = never>(
    fulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#result.then(({ value }) => value).then(fulfilled, rejected);
  }

  override catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<unknown> {
    return this.then(undefined, rejected);
  }

  override finally(settled?: (() => void) | null): Promise<unknown> {
    return this.then().finally(settled);
  }

  withResponse(): Promise<Result<P>> {
    return this.#result;
  }
}
