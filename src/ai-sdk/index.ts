// The AI SDK's models as a provider of ours, and our calls as a model of the AI SDK.
export * from "./calls.ts";
export * as aiSdk from "./calls.ts";
export { type ConversationCall, type LanguageModelOptions, languageModel, type UnboundCall } from "./language-model.ts";
export type { AnyLanguageModel, ModelSource } from "./types.ts";
