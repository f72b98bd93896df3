import { Changes } from "../contract/changes.ts";
import type { PreparedData } from "../contract/layer.ts";
import type { LayerStack } from "../contract/layer-stack.ts";
import type { CallRequest, NativeRequest, OutputDefinition, Provider, ProviderTypes } from "../contract/provider.ts";
import { PromptError } from "../errors/errors.ts";
import { plainOrLeftOut } from "../json/plain.ts";
import { encodeBytes, isEncoded } from "../message/history.ts";
import { isForged, withoutForged } from "../message/origin.ts";
import type { Message } from "../message/parts.ts";
import type { Prices } from "../money/cost.ts";
import { defineTools } from "../tools/define.ts";
import type { Tool } from "../tools/tool.ts";
import { ToolError } from "../tools/tool-error.ts";
import { appendStep, type Growth } from "./append.ts";
import { mergeParams } from "./merge-params.ts";
import { convert } from "./native.ts";
import { type OutputOption, type OutputPlan, planOutput } from "./output-plan.ts";
import type { DynamicConfig, Evaluated, PromptSource } from "./prompt-types.ts";
import { holdsFile, readFiles } from "./read-files.ts";

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
  /** Parameters by their common names, beside the provider's own: those of another library's settings. */
  readonly common?: CallRequest<P>["common"];
  /** Set where the provider is chosen by the model's name: the parameters are the common ones then. */
  readonly route: Route<P> | undefined;
  /** `undefined` where there is nothing to say: the usual case, which then costs nothing. */
  readonly sending: Sending | undefined;
  /** What stands between the prepared call and the provider; `undefined` for nothing. */
  readonly layers: LayerStack | undefined;
  /** Set while a call is made with layers around it. */
  readonly inCall?: true;
  /** What `.with` gave, which a scope does not override. */
  readonly given: Given<P> | undefined;
  /** Its place among the calls that a fallback or hedge is made of, from 0. */
  readonly leg?: number | undefined;
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
  readonly prices?: Prices | undefined;
  /** @internal Who reads streams, where a scope says so. */
  readonly reader?: "sdk" | undefined;
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
  /** What the provider renamed, changed or left out, a sentence each. */
  declare readonly changes: readonly string[];
  /** The most tokens that the request allows the answer to have. */
  declare readonly answerLimit: number | undefined;
  /** True where the caller offers tools in the provider's own form. */
  declare readonly nativeTools: boolean;
  /** Whose price list the model is looked up in, where that is not the provider's own. */
  declare readonly priced: { readonly provider: string; readonly model: string } | undefined;

  constructor(fields: PreparedFields<P>) {
    // One by one: this stands in the way of every call, and is five times as fast as copying an object.
    this.version = 1;
    this.provider = fields.provider;
    this.model = fields.model;
    this.stream = fields.stream;
    this.request = fields.request;
    this.messages = fields.messages;
    this.neutral = fields.neutral;
    this.callParams = fields.callParams;
    this.fnArgs = fields.fnArgs;
    this.promptTemplate = fields.promptTemplate;
    this.metadata = fields.metadata;
    this.output = fields.output;
    this.tools = fields.tools;
    this.dynamic = fields.dynamic;
    this.changes = fields.changes;
    this.answerLimit = fields.answerLimit;
    this.nativeTools = fields.nativeTools;
    this.priced = fields.priced;
    // It may hold a client, and that its key: not to be seen when a prepared call is printed or copied.
    Object.defineProperty(this, "dynamicConfig", { value: fields.dynamicConfig });
  }

  /** @internal The same call with another native request. */
  withRequest(request: P["Request"]): Prepared<P> {
    // How long an answer another request allows, nobody tells: whoever needs a bound takes the model's own.
    return new Prepared<P>({ ...this, dynamicConfig: this.dynamicConfig, request, answerLimit: undefined });
  }

  toJSON(): object {
    const { fnArgs, metadata, ...rest } = this;
    // The caller's own values may have no form in JSON; the request always has.
    const own = { fnArgs: fnArgs.map(plainOrLeftOut), metadata: plainOrLeftOut(metadata) };
    const data = { ...rest, ...own };
    return isEncoded(data) ? data : (encodeBytes(data) as object);
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
  /** How its request grows by a step of a tool loop, once it has grown by one. */
  readonly growth?: Growth | undefined;
}

/** Messages and parameters to the native request. Nothing is sent. */
export async function prepareEvaluated<P extends ProviderTypes>(
  call: Definition<P>,
  { messages: given, config, template }: Evaluated,
  args: readonly unknown[],
  fnArgs: readonly unknown[] = [],
): Promise<Plan<P>> {
  const { provider, model, stream } = call;
  let forged = false;
  let unread = false;
  for (const message of given) {
    forged ||= "native" in message && isForged(message);
    unread ||= typeof (message as Message).content !== "string" && holdsFile(message);
  }
  const read = unread ? await readFiles(given, call.sending?.signal) : given;
  const messages = forged ? read.map(withoutForged) : read;
  if (call.route !== undefined) await call.route.load(provider);
  const tools = config?.tools ?? call.tools;
  const callParams =
    config?.callParams === undefined ? call.callParams : mergeParams(call.callParams, config.callParams, provider);
  const output = call.output && (await planOutput(call.output, args, provider));
  const definitions = tools.length === 0 ? [] : await defineTools(tools, provider);
  if (output?.definition.mode === "tool" && definitions.some(({ name }) => name === output.definition.name)) {
    const { name } = output.definition;
    const message = `The tool "${name}" has the name of the tool that carries the answer: rename it, or give the response model another title.`;
    throw new ToolError("invalid_tool", message, { toolName: name });
  }
  const params = call.route ? { callParams: {}, common: callParams } : { callParams, common: call.common };
  const neutral = { model, messages, ...params, stream, tools: definitions, output: output?.definition };
  const native = toNative(provider, neutral);
  if (native.messages.length === 0 && !native.whole) {
    const why = messages.length === 0 ? "an empty array" : "none that says anything";
    throw new PromptError(`A prompt function returned no messages: ${why}.`);
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
    tools: tools.length === 0 ? none : tools.map(({ name }) => name),
    dynamic: config?.tools === undefined && config?.client === undefined ? noParts : dynamicParts(config),
    changes: native.changes ?? none,
    answerLimit: native.answerLimit,
    nativeTools: native.nativeTools === true,
    priced: provider.priced?.(model),
  });
  return { prepared, neutral, tools, client: config?.client ?? call.client, output };
}

const noParts: readonly never[] = [];

function dynamicParts(config: DynamicConfig | undefined): ("tools" | "client")[] {
  const parts: ("tools" | "client")[] = [];
  if (config?.tools !== undefined) parts.push("tools");
  if (config?.client !== undefined) parts.push("client");
  return parts;
}

/** The provider's own request, of a conversation that may have begun elsewhere, and what was changed on the way. */
function toNative<P extends ProviderTypes>(provider: Provider<P>, neutral: CallRequest<P>): NativeRequest<P> {
  // Text that the user or the system says, and nothing beside it, needs no looking at.
  let plain = neutral.tools.length === 0 && neutral.output === undefined;
  for (const { role, content, native } of neutral.messages as readonly Message[]) {
    plain &&= role !== "assistant" && native === undefined && typeof content === "string" && content.isWellFormed();
  }
  for (const value of Object.values(neutral.callParams)) {
    plain &&= typeof value === "string" ? value.isWellFormed() : typeof value !== "object" || value === null;
  }
  if (plain) return provider.params(neutral);
  const changes = new Changes();
  const native = convert(provider, neutral, changes);
  return { ...native, changes: [...(native.changes ?? none), ...changes.sentences] };
}

/** The same call with further turns at the end of its conversation. The prompt is not run again. */
export function prepareNext<P extends ProviderTypes>(
  { provider }: Definition<P>,
  plan: Plan<P>,
  turns: readonly (Message | P["Message"])[],
): Plan<P> {
  const { dynamicConfig, messages, request } = plan.prepared;
  const neutral = { ...plan.neutral, messages: [...plan.neutral.messages, ...turns] };
  const step = appendStep(provider, { neutral: plan.neutral, messages, request, growth: plan.growth }, turns);
  const { native, growth } = step ?? { native: toNative(provider, neutral), growth: undefined };
  return {
    ...plan,
    neutral,
    growth,
    prepared: new Prepared<P>({
      ...plan.prepared,
      dynamicConfig,
      request: native.request,
      messages: native.messages,
      neutral: neutral.messages,
      changes: step === undefined ? (native.changes ?? none) : plan.prepared.changes,
      answerLimit: native.answerLimit,
    }),
  };
}

const none: readonly string[] = [];
