import type { LLamaChatPromptOptions, LlamaChatSessionRepeatPenalty } from "node-llama-cpp";
import type { JsonSchema } from "../../schema/json-schema.ts";

/** A call of a tool by the model. */
export interface LocalToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text, just as the model wrote it. */
  readonly arguments: string;
}

/** An assistant's turn. One at the very end of the conversation is continued, not answered. */
export interface LocalAssistantMessage {
  readonly role: "assistant";
  readonly content: string;
  /** What a reasoning model thought before; shown to templates that want it (`reasoning_content`). */
  readonly thinking?: string;
  readonly toolCalls?: readonly LocalToolCall[];
}

/** What a tool gave back. */
export interface LocalToolMessage {
  readonly role: "tool";
  readonly content: string;
  readonly toolCallId?: string;
  readonly name?: string;
}

/** One message, as the chat template of the model file is given it. */
export type LocalMessage =
  | { readonly role: "system" | "user"; readonly content: string }
  | LocalAssistantMessage
  | LocalToolMessage;

/** A function the model may call; `parameters` is the JSON Schema of its arguments. */
export interface LocalTool {
  readonly name: string;
  readonly description?: string;
  readonly parameters: JsonSchema;
}

/** Whether tools are called: as the model likes, by no means, one at least, or this one. */
export type LocalToolChoice = "auto" | "none" | "required" | { readonly name: string };

type Sampling = Pick<LLamaChatPromptOptions, "temperature" | "minP" | "topK" | "topP" | "seed" | "xtc">;

/**
 * What a call may set, by node-llama-cpp's own names and with its defaults: `temperature` 0, `topK` 40, `topP` 0.95,
 * `minP` 0. `seed` is a new random number for each call unless given. The one difference: `repeatPenalty` is off until
 * it is given, as it harms JSON.
 */
export interface LocalParams extends Sampling, Pick<LLamaChatPromptOptions, "dryRepeatPenalty"> {
  /** The most tokens the answer may have. Default: what the context has room for. */
  maxTokens?: number;
  /** Texts that end the answer; they are not part of it. */
  customStopTriggers?: readonly string[];
  /** `penalty` 1.1 over the answer's last 64 tokens (`lastTokens`), new lines included, once it is given. */
  repeatPenalty?: false | Omit<LlamaChatSessionRepeatPenalty, "punishTokensFilter">;
  /** A grammar in GBNF that the answer follows to the letter. Not beside tools or a schema. */
  grammar?: string;
  tools?: readonly LocalTool[];
  toolChoice?: LocalToolChoice;
  /** The answer is JSON that fits this schema, by construction. */
  responseSchema?: JsonSchema;
}

/** The whole request: plain data. */
export interface LocalRequest extends LocalParams {
  /** `"default"`, the name of the client's model, or the path of a `.gguf` file. */
  readonly model: string;
  readonly messages: readonly LocalMessage[];
  readonly stream?: boolean;
}

/** `stop`: the model ended, or a stop text came. `length`: `maxTokens` or the context was full. */
export type LocalFinishReason = "stop" | "length" | "toolCalls";

/** Tokens, counted by the model's own tokenizer. */
export interface LocalUsage {
  /** Of the whole prompt, the chat template's and the tools' included. */
  readonly inputTokens: number;
  /** Generated ones; the token that only ends the answer is not counted. */
  readonly outputTokens: number;
}

/** Milliseconds: waiting for the model (its loading included), reading the prompt, writing the answer. */
export interface LocalTimings {
  readonly waiting: number;
  readonly reading: number;
  readonly writing: number;
}

/** The answer to one request: plain data. */
export interface LocalResponse {
  readonly id: string;
  /** The model's name: its file's, in lower case, without the quantization. */
  readonly model: string;
  /** Epoch milliseconds. */
  readonly created: number;
  readonly message: LocalAssistantMessage;
  readonly finishReason: LocalFinishReason;
  readonly usage: LocalUsage;
  readonly timings: LocalTimings;
}

/** What one event of a stream adds. */
export interface LocalDelta {
  readonly content?: string;
  readonly thinking?: string;
  /** `id` and `name` come with a call's first event, the text of its arguments in pieces. */
  readonly toolCall?: {
    readonly index: number;
    readonly id?: string;
    readonly name?: string;
    readonly arguments?: string;
  };
}

/** One event of a stream. The first comes when the prompt is read; `usage` is what was used until then. */
export interface LocalChunk {
  readonly id: string;
  readonly model: string;
  readonly created: number;
  readonly delta: LocalDelta;
  readonly usage: LocalUsage;
  /** In the last event only, with `timings`. */
  readonly finishReason?: LocalFinishReason;
  readonly timings?: LocalTimings;
}
