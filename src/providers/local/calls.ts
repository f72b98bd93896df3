import { createCall } from "../../call/call.ts";
import type { CallOptions as Options } from "../../call/types.ts";
import type { DynamicConfig as Config } from "../../prepare/prompt-types.ts";
import type { CallResponse as Response } from "../../read/response.ts";
import type { Stream as Streamed } from "../../read/stream.ts";
import type { StreamChunk as Chunk } from "../../read/stream-chunk.ts";
import type { Tool } from "../../tools/tool.ts";
import { provider } from "./provider.ts";
import type { LocalTypes } from "./provider-types.ts";

/** Binds a prompt to a model in this process: `call("default", prompt)`, or the path of a `.gguf` file for the model. */
export const call = createCall(provider);

/** The parameters a call may set, by node-llama-cpp's names. */
export type CallParams = Partial<LocalTypes["Params"]>;
/** What a prompt function may return to decide about its call. */
export type DynamicConfig = Config<LocalTypes>;
export type CallOptions = Options<LocalTypes>;
export type CallResponse<T extends Tool = Tool> = Response<LocalTypes, T>;
export type Stream<T extends Tool = Tool> = Streamed<LocalTypes, T>;
export type CallResponseChunk = Chunk<LocalTypes>;
export { LocalModel, type LocalModelOptions } from "./model.ts";
export { findModelFile, type ModelFileOptions, type ModelProgress, progressBar } from "./model-file.ts";
export type * from "./provider-types.ts";
export type * from "./types.ts";
export { provider };
