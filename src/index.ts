// Calls: a provider chosen when the program runs, and what a call is made of and gives.
export { type AnyTypes, call, type ProviderName, providerNames } from "./any-provider.ts";
export { createCall } from "./call/call.ts";
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
} from "./call/types.ts";
// Conversations that travel.
export { thinkingAsText } from "./contract/conversation.ts";
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
} from "./contract/provider.ts";
// Errors and costs.
export { classify, type ErrorKind, type ErrorView } from "./errors/classify.ts";
export * from "./errors/errors.ts";
export type { DeepPartial } from "./json/deep-partial.ts";
// Structured answers.
export type { Repair } from "./json/find-json.ts";
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
} from "./loop/tool-loop.ts";
export { loadHistory, type SavedHistory, saveHistory } from "./message/history.ts";
export { audio, document, image, type MediaSource, maxMediaBytes } from "./message/media.ts";
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
} from "./message/message.ts";
export {
  type Cost,
  type CostQuery,
  costOf,
  loadPrices,
  type ModelPrices,
  type PriceEntry,
  type PriceSource,
  type PriceTable,
} from "./money/cost.ts";
export type { Tokens } from "./money/tokens.ts";
// Responses and streams.
export type { Prepared } from "./prepare/prepare.ts";
export {
  type DynamicConfig,
  type PromptContent,
  type PromptFunction,
  type PromptReturn,
  prompt,
  promptTemplate,
  withMetadata,
} from "./prepare/prompt.ts";
export type { PreparedCall, PrepareReport } from "./prepare/report.ts";
export { CallResponse } from "./read/response.ts";
export { defaultIdleTimeout, type Spent, Stream, type StreamStep } from "./read/stream.ts";
export { StreamChunk } from "./read/stream-chunk.ts";
export type { PartialToolUse } from "./read/tool-emitter.ts";
export {
  type Infer,
  type JsonSchema,
  jsonSchema,
  type StandardJsonSchema,
  type StandardSchemaV1,
} from "./schema/schema.ts";
export { responseOf } from "./structured/extract.ts";
export { StructuredStream } from "./structured/structured-stream.ts";
// Prompts.
export { dedent } from "./template/dedent.ts";
export type { Flatten, TemplateArgs, TemplateFunctionArgs, TemplateParameters } from "./template/template-types.ts";
// Tools.
export { type Tool, type ToolArgs, type ToolContext, type ToolOptions, type ToolUse, tool } from "./tools/tool.ts";
export type { ToolOutcome } from "./tools/tool-output.ts";
export { type Toolkit, type ToolkitOptions, toolkit } from "./tools/toolkit.ts";
