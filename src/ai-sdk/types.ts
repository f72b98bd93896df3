import type {
  LanguageModelV2,
  LanguageModelV3,
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4Message,
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCall,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import type { ProviderTypes } from "../contract/provider.ts";

/** A language model of the AI SDK, of whatever version of its specification: `openai("gpt-5-mini")`. */
export type AnyLanguageModel = LanguageModelV4 | LanguageModelV3 | LanguageModelV2;

/** A provider of the AI SDK, which makes models by their names: `openai`, `createMistral()`. */
export interface ModelSource {
  languageModel(modelId: string): AnyLanguageModel;
}

/** The AI SDK's language models, as its specification types them. */
export interface AISDKTypes extends ProviderTypes {
  /** One model, or a provider that makes them. */
  Client: AnyLanguageModel | ModelSource;
  Params: Omit<LanguageModelV4CallOptions, "prompt" | "abortSignal" | "headers" | "includeRawChunks">;
  Request: Omit<LanguageModelV4CallOptions, "abortSignal" | "headers"> & { readonly model: string };
  Message: LanguageModelV4Message;
  Response: LanguageModelV4GenerateResult;
  Chunk: LanguageModelV4StreamPart;
  /** The model's own word, else the specification's. */
  FinishReason: string;
  Usage: LanguageModelV4Usage;
  ToolCall: LanguageModelV4ToolCall;
  AssistantMessage: Extract<LanguageModelV4Message, { role: "assistant" }>;
  ToolMessage: Extract<LanguageModelV4Message, { role: "tool" }>;
}
