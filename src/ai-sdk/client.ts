import type { LanguageModelV4, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { headOfObject } from "../contract/head.ts";
import type { SendOptions, Tell } from "../contract/provider.ts";
import { missingSdk } from "../contract/sdk.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { checkFiles, withUrls } from "./files.ts";
import { providerName } from "./prompt.ts";
import type { AISDKTypes, AnyLanguageModel, ModelSource } from "./types.ts";

/** The given model or provider of the AI SDK. Throws `ConfigError` for anything else, and where nothing was given. */
export function checkModel(given: unknown): AISDKTypes["Client"] {
  if (given === undefined) {
    throw new ConfigError(
      `callscope/ai-sdk has no model of its own: give one of the AI SDK, call(openai("gpt-5-mini"), …), or its provider as the client.`,
    );
  }
  if (isModel(given) || isSource(given)) return given;
  throw new ConfigError(
    `callscope/ai-sdk takes a language model or a provider of the AI SDK as its client; it was given ${describe(given)}.`,
  );
}

/** True for a language model of the AI SDK. */
export function isModel(given: unknown): given is AnyLanguageModel {
  const model = given as Partial<AnyLanguageModel> | null | undefined;
  return typeof model?.doGenerate === "function" && typeof model.doStream === "function";
}

function isSource(given: unknown): given is ModelSource {
  return typeof (given as Partial<ModelSource> | null | undefined)?.languageModel === "function";
}

/** The model that a request is for, of the specification's fourth version; `ai` itself makes one of older ones. */
async function modelOf(client: AISDKTypes["Client"], name: string): Promise<LanguageModelV4> {
  if (isModel(client) && client.modelId !== name) {
    throw new ConfigError(
      `The client is the model "${client.modelId}", and the call asks for "${name}": give the AI SDK's provider as the client, which makes models by their names.`,
    );
  }
  const model = isModel(client) ? client : client.languageModel(name);
  if (model.specificationVersion === "v4") return model;
  const { wrapLanguageModel } = await import("ai").catch(missingSdk("ai", providerName));
  return wrapLanguageModel({ model, middleware: [] });
}

/** Sends a request and gives the model's answer. What the model throws is thrown as it is. */
export async function generate(
  client: AISDKTypes["Client"],
  request: AISDKTypes["Request"],
  options: SendOptions,
  tell?: Tell,
): Promise<AISDKTypes["Response"]> {
  const model = await modelOf(client, request.model);
  await checkFiles(model, request.prompt);
  const result = await model.doGenerate(toCallOptions(request, options));
  const head = headOfObject(result?.response?.headers);
  if (head !== undefined) tell?.(head);
  return result;
}

/** Sends a request and gives the model's events. */
export async function stream(
  client: AISDKTypes["Client"],
  request: AISDKTypes["Request"],
  options: SendOptions,
  tell?: Tell,
): Promise<AsyncIterable<AISDKTypes["Chunk"]>> {
  const model = await modelOf(client, request.model);
  await checkFiles(model, request.prompt);
  const result = await model.doStream(toCallOptions(request, options));
  const head = headOfObject(result.response?.headers);
  if (head !== undefined) tell?.(head);
  return { [Symbol.asyncIterator]: () => new Parts(result.stream.getReader()) };
}

function toCallOptions(request: AISDKTypes["Request"], { signal, headers }: SendOptions): LanguageModelV4CallOptions {
  const { model: _, prompt, ...options } = request;
  return {
    prompt: withUrls(prompt),
    ...options,
    ...(signal && { abortSignal: signal }),
    ...(headers && { headers: { ...headers } }),
  };
}

/** The events as they come; one that tells of an error is thrown, the error itself. */
class Parts implements AsyncIterator<AISDKTypes["Chunk"], undefined> {
  readonly #reader: ReadableStreamDefaultReader<AISDKTypes["Chunk"]>;

  constructor(reader: ReadableStreamDefaultReader<AISDKTypes["Chunk"]>) {
    this.#reader = reader;
  }

  async next(): Promise<IteratorResult<AISDKTypes["Chunk"], undefined>> {
    const { done, value } = await this.#reader.read();
    if (done) return { done, value: undefined };
    if (value.type !== "error") return { done, value };
    await this.return();
    throw value.error;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#reader.cancel().catch(() => {});
    return { done: true, value: undefined };
  }
}

/** A response that went through JSON, as the model gave it. */
export function reviveResult(response: object): AISDKTypes["Response"] {
  const result = response as AISDKTypes["Response"];
  const { timestamp } = result.response ?? {};
  if (timestamp === undefined || timestamp instanceof Date) return result;
  return { ...result, response: { ...result.response, timestamp: new Date(timestamp) } };
}
