// Calls: a provider chosen when the program runs, and what a call is made of and gives.
export { type AnyTypes, call, type ProviderName, providerNames } from "./any-provider.ts";
export { createCall } from "./call.ts";
export type {
  Call,
  CallOptions,
  CallPromise,
  CallResult,
  Offered,
  Overrides,
  ResponseModel,
  StreamOption,
  TypedCall,
} from "./call-types.ts";
// Errors and costs.
export { classify, type ErrorKind, type ErrorView } from "./classify.ts";
// Conversations that travel.
export { thinkingAsText } from "./conversation.ts";
export {
  type Cost,
  type CostQuery,
  costOf,
  loadPrices,
  type ModelPrices,
  type PriceEntry,
  type PriceSource,
  type PriceTable,
} from "./cost.ts";
// Prompts.
export { dedent } from "./dedent.ts";
export * from "./errors.ts";
export { loadHistory, type SavedHistory, saveHistory } from "./history.ts";
// Structured answers.
export type { Repair } from "./json.ts";
export { audio, document, image, type MediaSource, maxMediaBytes } from "./media.ts";
export {
  type AudioPart,
  type CachePart,
  type Content,
  type DocumentPart,
  type ImageDetail,
  type ImagePart,
  type Message,
  Messages,
  type Part,
  type Role,
  type TextPart,
  type ThinkingPart,
  type ToolCallPart,
  type ToolResultPart,
} from "./message.ts";
// Responses and streams.
export type { Prepared } from "./pipeline.ts";
export type { PreparedCall, PrepareReport } from "./prepare-report.ts";
export {
  type DynamicConfig,
  type PromptContent,
  type PromptFunction,
  type PromptReturn,
  prompt,
  promptTemplate,
  withMetadata,
} from "./prompt.ts";
// What a provider is made of, for one of your own.
export type {
  CallRequest,
  ChunkReading,
  CommonParams,
  Draft,
  NativeRequest,
  OutputDefinition,
  Provider,
  ProviderTypes,
  RawToolCall,
  Reading,
  SendOptions,
  StopReason,
  StructuredMode,
  ToolCallDraft,
  ToolDefinition,
  ToolResult,
} from "./provider.ts";
export { CallResponse } from "./response.ts";
export { type Infer, type JsonSchema, jsonSchema, type StandardJsonSchema, type StandardSchemaV1 } from "./schema.ts";
export { defaultIdleTimeout, type Spent, Stream, type StreamStep } from "./stream.ts";
export { StreamChunk } from "./stream-chunk.ts";
export { responseOf } from "./structured.ts";
export { StructuredStream } from "./structured-stream.ts";
export type { DeepPartial } from "./structured-types.ts";
export type { Flatten, TemplateArgs, TemplateFunctionArgs, TemplateParameters } from "./template-types.ts";
export type { Tokens } from "./tokens.ts";
// Tools.
export { type Tool, type ToolArgs, type ToolContext, type ToolOptions, type ToolUse, tool } from "./tool.ts";
export type { PartialToolUse } from "./tool-emitter.ts";
export {
  type Approval,
  type PendingCall,
  type ToolLoop,
  type ToolLoopEvent,
  type ToolLoopOptions,
  type ToolLoopResult,
  type ToolLoopRun,
  type ToolLoopState,
  toolLoop,
} from "./tool-loop.ts";
export type { ToolOutcome } from "./tool-output.ts";
export { type Toolkit, type ToolkitOptions, toolkit } from "./toolkit.ts";
