import { createCall } from "../call/call.ts";
import type { Call, CallOptions as Options } from "../call/types.ts";
import { ConfigError } from "../errors/errors.ts";
import type { DynamicConfig as Config } from "../prepare/prompt-types.ts";
import type { CallResponse as Response } from "../read/response.ts";
import type { Stream as Streamed } from "../read/stream.ts";
import type { StreamChunk as Chunk } from "../read/stream-chunk.ts";
import type { Tool } from "../tools/tool.ts";
import { isModel } from "./client.ts";
import { provider } from "./provider.ts";
import type { AISDKTypes, AnyLanguageModel } from "./types.ts";

const named = createCall(provider) as (model: string, ...rest: unknown[]) => unknown;

/**
 * Binds a prompt to a model of the AI SDK: `call(openai("gpt-5-mini"), prompt)`, `call(model, options, prompt)`,
 * `call(model, options?)(prompt)`; or to a model by its name, with the SDK's provider as the `client`.
 */
export const call = ((model: unknown, ...rest: unknown[]) => {
  if (!isModel(model)) return named(model as string, ...rest);
  const [second, ...more] = rest;
  if (typeof second === "function") return named(model.modelId, { client: model }, second, ...more);
  const options = (second ?? {}) as { readonly client?: unknown };
  if (options.client !== undefined) {
    throw new ConfigError("The model is the client: leave out `client`, or name the model by its id.");
  }
  return named(model.modelId, { ...options, client: model }, ...more);
}) as Call<AISDKTypes, AnyLanguageModel>;

/** The SDK's options of a call that a call may set. */
export type CallParams = Partial<AISDKTypes["Params"]>;
/** What a prompt function may return to decide about its call. */
export type DynamicConfig = Config<AISDKTypes>;
export type CallOptions = Options<AISDKTypes>;
export type CallResponse<T extends Tool = Tool> = Response<AISDKTypes, T>;
export type Stream<T extends Tool = Tool> = Streamed<AISDKTypes, T>;
export type CallResponseChunk = Chunk<AISDKTypes>;
export { type AISDKTypes, provider };
