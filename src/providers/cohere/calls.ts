import { createCall } from "../../call/call.ts";
import type { CallOptions as Options } from "../../call/types.ts";
import type { DynamicConfig as Config } from "../../prepare/prompt-types.ts";
import type { CallResponse as Response } from "../../read/response.ts";
import type { Stream as Streamed } from "../../read/stream.ts";
import type { StreamChunk as Chunk } from "../../read/stream-chunk.ts";
import type { Tool } from "../../tools/tool.ts";
import { provider } from "./provider.ts";
import type { CohereTypes } from "./types.ts";

/** Binds a prompt to a Cohere model: `call(model, prompt)`, `call(model, options, prompt)`, `call(model, options?)(prompt)`. */
export const call = createCall(provider);

/** The SDK's request parameters a call may set. */
export type CallParams = Partial<CohereTypes["Params"]>;
/** What a prompt function may return to decide about its call. */
export type DynamicConfig = Config<CohereTypes>;
export type CallOptions = Options<CohereTypes>;
export type CallResponse<T extends Tool = Tool> = Response<CohereTypes, T>;
export type Stream<T extends Tool = Tool> = Streamed<CohereTypes, T>;
export type CallResponseChunk = Chunk<CohereTypes>;
export { type CohereTypes, provider };
