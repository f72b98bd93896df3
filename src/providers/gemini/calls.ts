import { createCall } from "../../call/call.ts";
import type { CallOptions as Options } from "../../call/types.ts";
import type { DynamicConfig as Config } from "../../prepare/prompt-types.ts";
import type { CallResponse as Response } from "../../read/response.ts";
import type { Stream as Streamed } from "../../read/stream.ts";
import type { StreamChunk as Chunk } from "../../read/stream-chunk.ts";
import type { Tool } from "../../tools/tool.ts";
import { provider } from "./provider.ts";
import type { GeminiTypes } from "./types.ts";

/** Binds a prompt to a model of the Gemini API: `call(model, prompt)`, `call(model, options, prompt)`, `call(model, options?)(prompt)`. */
export const call = createCall(provider);

/** The SDK's `config` of a request, key by key: `{ maxOutputTokens: 512, thinkingConfig: { thinkingBudget: 0 } }`. */
export type CallParams = Partial<GeminiTypes["Params"]>;
/** What a prompt function may return to decide about its call. */
export type DynamicConfig = Config<GeminiTypes>;
export type CallOptions = Options<GeminiTypes>;
export type CallResponse<T extends Tool = Tool> = Response<GeminiTypes, T>;
export type Stream<T extends Tool = Tool> = Streamed<GeminiTypes, T>;
export type CallResponseChunk = Chunk<GeminiTypes>;
export { type GeminiTypes, provider };
