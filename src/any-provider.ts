import { define, makeCall } from "./call/call.ts";
import type {
  CallOptions,
  CallResult,
  LayersFor,
  None,
  Offered,
  PromptOf,
  StreamOption,
  TypedCall,
} from "./call/types.ts";
import type { CommonParams, Provider, ProviderTypes } from "./contract/provider.ts";
import { ConfigError } from "./errors/errors.ts";
import type { Message } from "./message/parts.ts";
import type { Route } from "./prepare/prepare.ts";
import type { PromptReturn } from "./prepare/prompt-types.ts";
import type { Tool } from "./tools/tool.ts";

/** A provider that is chosen when the program runs: what all of them have in common. */
export interface AnyTypes extends ProviderTypes {
  Params: CommonParams;
  Message: Message;
}

/** The names a model may begin with: `openai/gpt-4o-mini`. */
export type ProviderName =
  | "openai"
  | "openai-responses"
  | "anthropic"
  | "mistral"
  | "gemini"
  | "vertex"
  | "groq"
  | "cohere"
  | "litellm"
  | "azure"
  | "bedrock"
  | "local";

// Written out, so that a bundler sees what may be loaded. Each is loaded, and its SDK with it, by the first call of a
// model that names it. The type says no more of them, or whoever imports it would need the types of every SDK.
/** @internal */
export const loaders: Readonly<Record<ProviderName, () => Promise<{ readonly provider: object }>>> = {
  openai: () => import("./providers/openai/provider.ts"),
  "openai-responses": () => import("./providers/openai/responses/provider.ts"),
  anthropic: () => import("./providers/anthropic/provider.ts"),
  mistral: () => import("./providers/mistral/provider.ts"),
  gemini: () => import("./providers/gemini/provider.ts"),
  vertex: () => import("./providers/vertex/provider.ts"),
  groq: () => import("./providers/groq/provider.ts"),
  cohere: () => import("./providers/cohere/provider.ts"),
  litellm: () => import("./providers/litellm/provider.ts"),
  azure: () => import("./providers/azure/provider.ts"),
  bedrock: () => import("./providers/bedrock/provider.ts"),
  local: () => import("./providers/local/provider.ts"),
};

/** The common parameters that a provider's API has no place for; it refuses them when the program runs, too. */
interface Lacking {
  readonly "openai-responses": "stop" | "seed" | "frequencyPenalty" | "presencePenalty";
  readonly anthropic: "seed" | "frequencyPenalty" | "presencePenalty";
  readonly bedrock: "seed" | "frequencyPenalty" | "presencePenalty";
}

/** The common parameters that this provider cannot take; none for a name that is known only when the program runs. */
export type LackedParam<Name extends string> = Name extends keyof Lacking ? Lacking[Name] : never;

type ProviderOf<Model extends string> = Model extends `${infer Name}/${string}` ? Name : never;

/** The common parameters that a model takes: one its provider lacks is, as its type, the sentence that says so. */
export type ParamsOf<Model extends string> = Omit<CommonParams, LackedParam<ProviderOf<Model>>> & {
  readonly [Key in LackedParam<ProviderOf<Model>>]?: `${ProviderOf<Model>} has no parameter "${Key}": leave it out`;
};

/** A model of any provider: `openai/gpt-4o-mini`. */
export type AnyModel = `${ProviderName}/${string}`;

/** A name that is written out begins with a provider's; one that is known only when the program runs may be any. */
export type ModelName<Model extends string> = string extends Model
  ? string
  : Model extends AnyModel
    ? Model
    : Refused<"a model is named provider/model, as openai/gpt-4o-mini">;

/** What no value is: it carries a sentence into the compiler's message. */
interface Refused<Why extends string> {
  readonly __refused: Why;
}

/** What a call may be told beside its model and prompt, where the provider is a part of the model's name. */
export interface AnyCallOptions<
  Model extends string,
  S extends StreamOption,
  Schema,
  Parsed,
  Tools extends readonly Tool[],
> extends Omit<CallOptions<AnyTypes, S, Schema, Parsed, Tools>, "callParams"> {
  /** The common parameters, by one name for all providers. */
  readonly callParams?: ParamsOf<Model>;
}

/** What binds a prompt to a model of any provider. */
export interface AnyCall {
  /** One prompt, one model. */
  <
    const Model extends string,
    Args extends unknown[],
    Return extends PromptReturn<AnyTypes> | Promise<PromptReturn<AnyTypes>>,
  >(
    model: Model & ModelName<Model>,
    prompt: (...args: Args) => Return,
  ): TypedCall<AnyTypes, Args, CallResult<AnyTypes, false, None, None, Offered<Return, []>>>;
  /** With options. */
  <
    const Model extends string,
    Args extends unknown[],
    Return extends PromptReturn<AnyTypes> | Promise<PromptReturn<AnyTypes>>,
    S extends StreamOption = false,
    Schema = None,
    Parsed = None,
    const Tools extends readonly Tool[] = [],
  >(
    model: Model & ModelName<Model>,
    options: AnyCallOptions<Model, S, Schema, Parsed, Tools> & LayersFor<NoInfer<Args>>,
    prompt: ((...args: Args) => Return) & PromptOf<Schema, Args>,
  ): TypedCall<AnyTypes, Args, CallResult<AnyTypes, S, Schema, Parsed, Offered<Return, Tools>>>;
  /** Without a prompt: a function that binds one, so that one prompt serves several models. */
  <
    const Model extends string,
    S extends StreamOption = false,
    Schema = None,
    Parsed = None,
    const Tools extends readonly Tool[] = [],
  >(
    model: Model & ModelName<Model>,
    options?: AnyCallOptions<Model, S, Schema, Parsed, Tools>,
  ): <Args extends unknown[], Return extends PromptReturn<AnyTypes> | Promise<PromptReturn<AnyTypes>>>(
    prompt: ((...args: Args) => Return) & PromptOf<Schema, Args>,
  ) => TypedCall<AnyTypes, Args, CallResult<AnyTypes, S, Schema, Parsed, Offered<Return, Tools>>>;
  /** Nothing gets here: it is what a wrong call is measured by, so that the compiler speaks of its prompt. */
  <const Model extends string, Args extends unknown[]>(
    model: Model & ModelName<Model>,
    promptOrOptions:
      | ((...args: Args) => PromptReturn<AnyTypes> | Promise<PromptReturn<AnyTypes>>)
      | AnyCallOptions<Model, StreamOption, None, None, readonly Tool[]>,
  ): never;
}

/** Names every provider that can be chosen at run time. */
export const providerNames = /* @__PURE__ */ Object.keys(loaders) as readonly ProviderName[];

const loaded = /* @__PURE__ */ new Map<ProviderName, Provider<AnyTypes>>();

/** A provider that stands for its module until that is loaded; its requests are made of the common parameters. */
function lazyProvider(name: ProviderName): Provider<AnyTypes> {
  const real = () => {
    const provider = loaded.get(name);
    if (provider === undefined) throw new ConfigError(`The provider "${name}" is used before it was loaded.`);
    return provider;
  };
  return {
    name,
    // Known before any of them is loaded; its requests are made of the common parameters, which have none of these.
    owned: ["model", "messages", "stream", "input", "contents", "modelId"],
    priced: (model) => real().priced?.(model),
    mediaTokens: (part) => real().mediaTokens?.(part),
    get hosts() {
      return real().hosts as RegExp;
    },
    get kin() {
      return real().kin ?? [];
    },
    get resultMedia() {
      return real().resultMedia ?? [];
    },
    get cachesTools() {
      return real().cachesTools ?? false;
    },
    get holdsWholeSchemas() {
      return real().holdsWholeSchemas ?? false;
    },
    get toolIds() {
      return real().toolIds as RegExp;
    },
    get connection() {
      return real().connection ?? [];
    },
    // Whether it has batches is known when it is loaded.
    get batch() {
      return real().batch as NonNullable<Provider<AnyTypes>["batch"]>;
    },
    client: (given) => real().client(given),
    params(request) {
      checkParams(request.common);
      return real().params(request);
    },
    address: (client) => real().address?.(client),
    async endpoint(client) {
      return real().endpoint?.(client);
    },
    fake: () =>
      real().fake?.() ?? Promise.reject(new ConfigError(`The provider "${name}" has no answers that are made up.`)),
    revive: (response) => real().revive?.(response) ?? response,
    create: (client, request, options, tell) => real().create(client, request, options, tell),
    stream: (client, request, options, tell) => real().stream(client, request, options, tell),
    read: (response) => real().read(response),
    readChunk: (chunk, draft) => real().readChunk(chunk, draft),
    messageParam: (response) => real().messageParam(response),
    mendTurn(turn, note) {
      const own = real();
      return own.mendTurn === undefined ? turn : own.mendTurn(turn, note);
    },
    toolMessages: (results) => real().toolMessages(results),
  };
}

const route: Route<AnyTypes> = {
  find(fullName) {
    const slash = fullName.indexOf("/");
    const name = fullName.slice(0, Math.max(0, slash));
    if (!Object.hasOwn(loaders, name) || slash === fullName.length - 1) {
      throw new ConfigError(
        `A model is named provider/model, the provider one of ${providerNames.join(", ")}; ${JSON.stringify(fullName)} is not.`,
      );
    }
    return { provider: lazyProvider(name as ProviderName), model: fullName.slice(slash + 1) };
  },
  async load({ name }) {
    if (loaded.has(name as ProviderName)) return;
    const { provider } = await loaders[name as ProviderName]();
    // Its own types are narrower than those all providers share; nothing is given to it but what it made itself.
    loaded.set(name as ProviderName, provider as Provider<AnyTypes>);
  },
};

// The cast is for the overload that nothing gets to, which is another one in `Call`.
/**
 * Binds a prompt to a model whose provider is a value: `call("anthropic/claude-haiku-4-5", options?, prompt)`. The
 * parameters are the common ones, by one name each; `.with({ model: "openai/gpt-4o" })` moves the call to another
 * provider, and nothing of the first one's client goes with it. What a provider cannot take is refused by name before
 * any request; where the model's name is written out, the compiler refuses such a parameter already. Throws
 * `ConfigError` for a name that is no provider's.
 */
export const call: AnyCall = /* @__PURE__ */ makeCall<AnyTypes>((fullName, options, write) => {
  checkParams(options.callParams);
  const { provider, model } = route.find(fullName);
  return { ...define<AnyTypes>(provider, model, options, write), route };
}) as AnyCall;

const commonParams: readonly string[] = [
  "temperature",
  "maxTokens",
  "topP",
  "stop",
  "seed",
  "frequencyPenalty",
  "presencePenalty",
] satisfies (keyof CommonParams)[];

function checkParams(params: object = {}): void {
  for (const key of Object.keys(params)) {
    if (!commonParams.includes(key)) {
      throw new ConfigError(
        `"${key}" is not a common parameter (${commonParams.join(", ")}): use the provider's own subpath for its own parameters.`,
      );
    }
  }
}
