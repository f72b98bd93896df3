import { createCall } from "../../call/call.ts";
import type { CallOptions as Options } from "../../call/types.ts";
import type { DynamicConfig as Config } from "../../prepare/prompt-types.ts";
import type { CallResponse as Response } from "../../read/response.ts";
import type { Stream as Streamed } from "../../read/stream.ts";
import type { StreamChunk as Chunk } from "../../read/stream-chunk.ts";
import type { Tool } from "../../tools/tool.ts";
import { provider } from "./provider.ts";
import type { AnthropicTypes } from "./types.ts";

/** Binds a prompt to an Anthropic model: `call(model, prompt)`, `call(model, options, prompt)`, `call(model, options?)(prompt)`. */
export const call = createCall(provider);

/** The SDK's request parameters a call may set. `max_tokens` is 8192 when left out, plus the thinking budget if one is set. */
export type CallParams = Partial<AnthropicTypes["Params"]>;
/** What a prompt function may return to decide about its call. */
export type DynamicConfig = Config<AnthropicTypes>;
export type CallOptions = Options<AnthropicTypes>;
export type CallResponse<T extends Tool = Tool> = Response<AnthropicTypes, T>;
export type Stream<T extends Tool = Tool> = Streamed<AnthropicTypes, T>;
export type CallResponseChunk = Chunk<AnthropicTypes>;
export { type AnthropicTypes, provider };
