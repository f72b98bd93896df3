import { fitConversation } from "../contract/conversation.ts";
import type { PreparedData } from "../contract/layer.ts";
import type { LayerStack } from "../contract/layer-stack.ts";
import type { CallRequest, OutputDefinition, Provider, ProviderTypes } from "../contract/provider.ts";
import { ConfigError, PromptError } from "../errors/errors.ts";
import { plainOrLeftOut } from "../json/plain.ts";
import { encodeBytes } from "../message/history.ts";
import { isForged, withoutForged } from "../message/origin.ts";
import type { Message } from "../message/parts.ts";
import type { PriceTable } from "../money/cost.ts";
import { defineTools } from "../tools/define.ts";
import type { Tool } from "../tools/tool.ts";
import { ToolError } from "../tools/tool-error.ts";
import { type OutputOption, type OutputPlan, planOutput } from "./output-plan.ts";
import { type DynamicConfig, type Evaluated, evaluate, type PromptSource } from "./prompt.ts";

/** One typed call as it was defined: everything but the arguments. */
export interface Definition<P extends ProviderTypes> {
  readonly provider: Provider<P>;
  readonly model: string;
  readonly prompt: PromptSource;
  readonly stream: boolean;
  readonly partialTools: boolean;
  readonly tools: readonly Tool[];
  readonly output: OutputOption | undefined;
  readonly outputParser: ((input: never) => unknown) | undefined;
  readonly validationRetries: number;
  readonly client: unknown;
  readonly callParams: Partial<P["Params"]>;
  /** Set where the provider is chosen by the model's name: the parameters are the common ones then. */
  readonly route: Route<P> | undefined;
  /** `undefined` where there is nothing to say: the usual case, which then costs nothing. */
  readonly sending: Sending | undefined;
  /** What stands between the prepared call and the provider; `undefined` for nothing. */
  readonly layers: LayerStack | undefined;
  /** What `.with` gave, which a scope does not override. */
  readonly given: Given<P> | undefined;
}

/** What `.with` gave of what a scope can give, too. */
export interface Given<P extends ProviderTypes> {
  readonly model?: true;
  readonly client?: true;
  readonly callParams?: Partial<P["Params"]>;
  /** The call before `.with` moved it. */
  readonly from: Pick<Definition<P>, "provider" | "model" | "callParams" | "client">;
}

/** Where a model's full name leads, for a provider that is chosen when the program runs. */
export interface Route<P extends ProviderTypes> {
  /** The provider that the name stands for, and the model's own name. */
  find(fullName: string): { readonly provider: Provider<P>; readonly model: string };
  /** Loads the provider; it is used after that only. */
  load(provider: Provider<P>): Promise<void>;
}

/** How a call is sent: what only the caller knows, at run time. */
export interface Sending {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for each request, the body included. */
  readonly timeout?: number | undefined;
  /** Milliseconds a stream may stay silent. */
  readonly idleTimeout?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly prices?: PriceTable | undefined;
  /** Milliseconds for the whole call: all its requests, waits and steps together. */
  readonly deadline?: number | undefined;
  /** @internal When the deadline of a scope ends, by `performance.now()`. */
  readonly until?: number | undefined;
}

/**
 * A call that is ready to be sent: the exact native request and everything known about it. It survives
 * `JSON.stringify` and holds no client, so that it can be sent by another process.
 */
export class Prepared<P extends ProviderTypes = ProviderTypes> implements PreparedData<P> {
  declare readonly version: 1;
  /** True for a call that streams. */
  declare readonly stream: boolean;
  declare readonly provider: string;
  /** The model that is asked. */
  declare readonly model: string;
  /** What the SDK takes, to the last key. */
  declare readonly request: P["Request"];
  /** The provider's messages as they stand in the request. */
  declare readonly messages: readonly P["Message"][];
  /** The same in neutral form, or the provider's own where the prompt wrote those. */
  declare readonly neutral: readonly (Message | P["Message"])[];
  declare readonly callParams: Partial<P["Params"]>;
  declare readonly fnArgs: readonly unknown[];
  declare readonly promptTemplate: string | undefined;
  declare readonly dynamicConfig: DynamicConfig<P> | undefined;
  declare readonly metadata: Readonly<Record<string, unknown>> | undefined;
  /** How a structured answer is asked for. */
  declare readonly output: OutputDefinition | undefined;
  /** The names of the tools that are offered. */
  declare readonly tools: readonly string[];
  /** What the dynamic configuration brought that is no data: it has to be given again in another process. */
  declare readonly dynamic: readonly ("tools" | "client")[];

  constructor({ dynamicConfig, ...fields }: PreparedFields<P>) {
    Object.assign(this, fields, { version: 1 });
    // It may hold a client, and that its key: not to be seen when a prepared call is printed or copied.
    Object.defineProperty(this, "dynamicConfig", { value: dynamicConfig });
  }

  /** @internal The same call with another native request. */
  withRequest(request: P["Request"]): Prepared<P> {
    return new Prepared<P>({ ...this, dynamicConfig: this.dynamicConfig, request });
  }

  toJSON(): object {
    const { fnArgs, metadata, ...rest } = this;
    // The caller's own values may have no form in JSON; the request always has.
    const own = { fnArgs: fnArgs.map(plainOrLeftOut), metadata: plainOrLeftOut(metadata) };
    return encodeBytes({ ...rest, ...own }) as object;
  }
}

export type PreparedFields<P extends ProviderTypes> = Omit<Prepared<P>, "toJSON" | "version" | "withRequest">;

/** What a prepared call needs beside its request to be sent and read: the parts of it that are no data. */
export interface Plan<P extends ProviderTypes> {
  readonly prepared: Prepared<P>;
  readonly neutral: CallRequest<P>;
  readonly tools: readonly Tool[];
  readonly client: unknown;
  readonly output: OutputPlan | undefined;
}

/** Prompt and parameters to the native request. Nothing is sent. */
export async function prepare<P extends ProviderTypes>(
  call: Definition<P>,
  args: readonly unknown[],
): Promise<Plan<P>> {
  const fnArgs: unknown[] = [];
  for (const arg of args) fnArgs.push(typeof arg === "object" && arg !== null ? snapshot(arg, new Map()) : arg);
  return planned(call, await evaluate(call.prompt, args, call.sending?.signal), args, fnArgs);
}

/** The same for messages that are there already. */
export async function planned<P extends ProviderTypes>(
  call: Definition<P>,
  { messages: given, config, template }: Evaluated,
  args: readonly unknown[],
  fnArgs: readonly unknown[] = [],
): Promise<Plan<P>> {
  const { provider, model, stream } = call;
  let forged = false;
  for (const message of given) forged ||= "native" in message && isForged(message);
  const messages = forged ? given.map(withoutForged) : given;
  if (call.route !== undefined) await call.route.load(provider);
  const tools = config?.tools ?? call.tools;
  const callParams =
    config?.callParams === undefined ? call.callParams : mergeParams(call.callParams, config.callParams);
  const output = call.output && (await planOutput(call.output, args));
  const definitions = tools.length === 0 ? [] : await defineTools(tools, provider);
  if (output?.definition.mode === "tool" && definitions.some(({ name }) => name === output.definition.name)) {
    const { name } = output.definition;
    const message = `The tool "${name}" has the name of the tool that carries the answer: rename it, or give the response model another title.`;
    throw new ToolError("invalid_tool", message, { toolName: name });
  }
  const params = call.route === undefined ? { callParams, common: undefined } : { callParams: {}, common: callParams };
  const neutral = { model, messages, ...params, stream, tools: definitions, output: output?.definition };
  const native = toNative(provider, neutral);
  if (messages.length === 0 && native.messages.length === 0 && !native.whole) {
    throw new PromptError("A prompt function returned no messages: an empty array.");
  }
  const prepared = new Prepared<P>({
    provider: provider.name,
    model,
    request: native.request,
    messages: native.messages,
    neutral: messages,
    callParams,
    fnArgs,
    promptTemplate: template,
    dynamicConfig: config as DynamicConfig<P> | undefined,
    metadata: config?.metadata ?? call.prompt.metadata,
    output: output?.definition,
    stream,
    tools: tools.map(({ name }) => name),
    dynamic: config?.tools === undefined && config?.client === undefined ? noParts : dynamicParts(config),
  });
  return { prepared, neutral, tools, client: config?.client ?? call.client, output };
}

/** What a prepared call needs beside its data, found again in the call it is given to. The prompt is not run. */
export async function planOf<P extends ProviderTypes>(call: Definition<P>, prepared: Prepared<P>): Promise<Plan<P>> {
  const { model, neutral: messages, callParams, fnArgs, stream, dynamicConfig } = prepared;
  const tools = dynamicConfig?.tools ?? call.tools.filter(({ name }) => prepared.tools.includes(name));
  const output = call.output && (await planOutput(call.output, fnArgs));
  const definitions = tools.length === 0 ? [] : await defineTools(tools, call.provider);
  const params = call.route === undefined ? { callParams, common: undefined } : { callParams: {}, common: callParams };
  const neutral = { model, messages, ...params, stream, tools: definitions, output: output?.definition };
  return { prepared, neutral, tools, client: dynamicConfig?.client ?? call.client, output };
}

const noParts: readonly never[] = [];

function dynamicParts(config: DynamicConfig | undefined): ("tools" | "client")[] {
  const parts: ("tools" | "client")[] = [];
  if (config?.tools !== undefined) parts.push("tools");
  if (config?.client !== undefined) parts.push("client");
  return parts;
}

/** The provider's own request, of a conversation that may have begun elsewhere. */
function toNative<P extends ProviderTypes>(provider: Provider<P>, neutral: CallRequest<P>) {
  let plain = true;
  for (const message of neutral.messages) plain &&= typeof (message as { content?: unknown }).content === "string";
  if (plain) return provider.params(neutral);
  const messages = fitConversation<P["Message"]>(neutral.messages, provider);
  return provider.params({ ...neutral, messages });
}

/** The same call with further turns at the end of its conversation. The prompt is not run again. */
export function replan<P extends ProviderTypes>(
  { provider }: Definition<P>,
  plan: Plan<P>,
  turns: readonly (Message | P["Message"])[],
): Plan<P> {
  const { dynamicConfig } = plan.prepared;
  const neutral = { ...plan.neutral, messages: [...plan.neutral.messages, ...turns] };
  const native = toNative(provider, neutral);
  return {
    ...plan,
    neutral,
    prepared: new Prepared<P>({ ...plan.prepared, dynamicConfig, ...native, neutral: neutral.messages }),
  };
}

const owned: readonly string[] = ["model", "messages", "input", "contents", "stream", "modelId"];

/** Later parameters over earlier ones, key by key; `undefined` erases nothing, `null` is kept and sent. */
export function mergeParams<Params extends object>(
  first: Partial<Params>,
  second: Partial<Params> | undefined,
): Partial<Params> {
  if (second === undefined) return first;
  const merged: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    if (owned.includes(key)) {
      throw new ConfigError(`callParams cannot hold "${key}": the call itself decides about it.`);
    }
    // An own `__proto__` (JSON.parse makes one) is no parameter of any provider.
    if (value !== undefined && key !== "__proto__") merged[key] = value;
  }
  return merged as Partial<Params>;
}

/** Plain arrays and objects copied, so that a later change of the caller's does not reach the record of the call. */
function snapshot(value: object, seen: Map<object, unknown>): unknown {
  const known = seen.get(value);
  if (known !== undefined) return known;
  const copyOf = (item: unknown) => (typeof item === "object" && item !== null ? snapshot(item, seen) : item);
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    seen.set(value, items);
    for (const item of value) items.push(copyOf(item));
    return items;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const copied: Record<string, unknown> = Object.create(prototype);
  seen.set(value, copied);
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(copied, key, {
      value: copyOf(item),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return copied;
}
