import { addLayers } from "../contract/layer-stack.ts";
import type { Provider, ProviderTypes } from "../contract/provider.ts";
import type { Received } from "../contract/received.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { prepare, sourceOf } from "../prepare/evaluate.ts";
import { mergeParams } from "../prepare/merge-params.ts";
import type { Definition, Prepared } from "../prepare/prepare.ts";
import { Reception } from "../read/reception.ts";
import type { CallResponse } from "../read/response.ts";
import { Stream } from "../read/stream.ts";
import { ambient, inThisScope } from "../send/scope.ts";
import { openChannels, watch } from "../send/watch.ts";
import { StructuredStream } from "../structured/structured-stream.ts";
import type { Tool } from "../tools/tool.ts";
import { around } from "./around.ts";
import { begin } from "./begin.ts";
import { answering, apart } from "./lazy-parts.ts";
import { checkOptions, outputOption } from "./options.ts";
import { override } from "./override.ts";
import { type Call, type CallOptions, type CallPromise, definition, type Overrides, type TypedCall } from "./types.ts";
import type { Answered } from "./value.ts";

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
      throw new ConfigError(
        `A call needs the name of a model; it was given ${model === "" ? "an empty string" : describe(model)}.`,
      );
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
  const { stream = false, tools = [], outputParser, client, callParams, retries, layers = [] } = options;
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
    layers: addLayers(undefined, layers),
    given: undefined,
  };
}

/** @internal Makes the function of a definition. */
export function bind<P extends ProviderTypes>(defined: Definition<P>): TypedCall<P, unknown[], unknown> {
  openChannels();
  const typed = Object.assign(defined.stream ? streamed(defined) : awaited(defined), {
    with: (overrides: Overrides<P>) => bind(override(defined, overrides)),
    prepare: async (...args: unknown[]) => {
      const call = begin(defined, ambient.storage?.getStore());
      const { withReport } = await import("../prepare/report.ts");
      return withReport(call.provider, await prepare(call, args), call.sending?.prices);
    },
    send: async (prepared: Prepared<P>) => {
      const call = begin(defined, ambient.storage?.getStore());
      const { sendPrepared } = apart.loaded ?? (await apart.load());
      return sendPrepared(call, prepared);
    },
    read: async (prepared: Prepared<P>, received: Received<P>) => {
      const call = begin(defined, ambient.storage?.getStore());
      const { readReceived } = apart.loaded ?? (await apart.load());
      return readReceived(call, prepared, received);
    },
  });
  // Not to be seen when a call is printed: it holds the client, and that the key.
  return Object.defineProperty(typed, definition, { value: defined }) as typeof typed &
    TypedCall<P, unknown[], unknown>;
}

function streamed<P extends ProviderTypes>(defined: Definition<P>) {
  return (...args: unknown[]) => {
    const call = begin(defined, ambient.storage?.getStore());
    const stream = new Stream<P>(
      // The prompt is written when the stream is iterated, and what it calls is called here.
      new Reception<P, Tool>({ call, begin: inThisScope((timed) => prepare(timed, args)), purpose: "call" }),
    );
    return call.output?.schema === undefined ? stream : new StructuredStream<P, unknown>(stream);
  };
}

function awaited<P extends ProviderTypes>(defined: Definition<P>) {
  return (...args: unknown[]) => {
    // The scope is that of the place where the call is made; without one nothing is looked for.
    const { channels } = watch;
    const scope = ambient.storage?.getStore();
    const plain = scope === undefined && !channels?.request.hasSubscribers && !channels?.call.hasSubscribers;
    const answered: Answered<P> = { response: undefined };
    const promise = (
      plain && defined.sending === undefined && defined.layers === undefined
        ? run(defined, args, answered)
        : around(begin(defined, scope), args, answered, run)
    ) as CallPromise<unknown, CallResponse<P>>;
    promise.withResponse = async () => ({ value: await promise, response: answered.response as CallResponse<P> });
    return promise;
  };
}

/** One call that was begun, with its deadline and the layers around calls; `answered` is told of the response. */
export function invoke<P extends ProviderTypes>(
  begun: Definition<P>,
  args: readonly unknown[],
  answered: Answered<P>,
): Promise<unknown> {
  return around(begun, args, answered, run);
}

/** One call from the prompt to the value; `answered` is told of the response the value comes from. */
async function run<P extends ProviderTypes>(
  call: Definition<P>,
  args: readonly unknown[],
  answered: Answered<P>,
): Promise<unknown> {
  const plan = await prepare(call, args);
  const { CallResponse, parse, reader, receive, send, structured } = answering.loaded ?? (await answering.load());
  if (plan.output?.schema !== undefined) return parse(call, await structured(call, plan, answered), answered);
  const response = new CallResponse<P>(
    call,
    plan,
    await (call.layers === undefined ? send(call, plan) : receive(call, plan, "call", reader)),
  );
  answered.response = response;
  return call.outputParser === undefined ? response : parse(call, response, answered);
}
