// Calls: a provider chosen when the program runs, and what a call is made of and gives.
export { type AnyModel, type AnyTypes, call, type ProviderName, providerNames } from "./any-provider.ts";
export { createCall } from "./call/call.ts";
export type {
  Call,
  CallOptions,
  CallPromise,
  CallResult,
  ModelOf,
  Offered,
  Overrides,
  ParsedPromise,
  ReadResult,
  ResponseModel,
  ResponsePromise,
  StreamOption,
  ToolResponsePromise,
  TypedCall,
  ValuePromise,
} from "./call/types.ts";
// Calls made of calls, and tools.
export { type CallToolOptions, type CallToolWithArgs, callTool } from "./combine/call-tool.ts";
export { fallback } from "./combine/fallback.ts";
export { type HedgeOptions, hedge } from "./combine/hedge.ts";
export {
  type Around,
  type AroundPromise,
  type AroundPrompt,
  type Keeping,
  mergeWrappers,
} from "./combine/merge-wrappers.ts";
export type { AnyCall, Combined, CombinedCall, CombinedOverrides, LegOption } from "./combine/types.ts";
// What a provider is made of, for one of your own; what every answer tells; conversations that travel.
export type { Answer, Attempt, FailedAttempt, Total } from "./contract/answer.ts";
export { attemptsOf } from "./contract/attempts.ts";
export { thinkingAsText } from "./contract/conversation.ts";
export { type Head, headOf } from "./contract/head.ts";
// What stands around a call: layers, and what goes through them.
export type {
  CallEnd,
  CallRun,
  EventStream,
  Layer,
  LoopEnd,
  LoopRun,
  Outgoing,
  OutgoingChanges,
  PreparedData,
  Purpose,
  ToolRun,
} from "./contract/layer.ts";
export type {
  CallRequest,
  ChunkReading,
  CommonParams,
  Draft,
  HttpHead,
  NativeRequest,
  OutputDefinition,
  Provider,
  ProviderTypes,
  RawToolCall,
  Reading,
  SendOptions,
  Sent,
  StopReason,
  StructuredMode,
  Tell,
  ToolCallDraft,
  ToolDefinition,
  ToolResult,
} from "./contract/provider.ts";
export { Received, type ReceivedData, type ReceivedNotes } from "./contract/received.ts";
export { textResult } from "./contract/result-content.ts";
export type { SentSettings, TelemetryNames } from "./contract/settings.ts";
// Errors, and what an error of any SDK means; those of one step stand with it.
export { classify, type ErrorKind, type ErrorView } from "./errors/classify.ts";
export * from "./errors/errors.ts";
export type { Issue } from "./errors/issue.ts";
// JSON in a model's text.
export type { DeepPartial } from "./json/deep-partial.ts";
export type { Repair } from "./json/find-json.ts";
// Layers: what may stand around a call.
export { type Budget, type BudgetOptions, budget } from "./layers/budget.ts";
export { type Amounts, BudgetError } from "./layers/budget-error.ts";
export type { BudgetStore, Purse, PurseLimits, PurseState, Reserved } from "./layers/budget-store.ts";
export { type CacheOptions, cache } from "./layers/cache.ts";
export type { CacheStore } from "./layers/cache-store.ts";
export { type Limiter, type LimitOptions, limit } from "./layers/limit.ts";
export type { LimitRates, LimitRequest, LimitStore } from "./layers/limit-store.ts";
export { type MemoryStore, type MemoryStoreOptions, memoryStore } from "./layers/memory-store.ts";
export { type Failed, type Hooks, observe } from "./layers/observe.ts";
export { type RetryOptions, retry } from "./layers/retry.ts";
export type { RetryWhen } from "./layers/retry-when.ts";
export { type SqliteStore, sqliteStore } from "./layers/sqlite-store.ts";
// Tools in a loop.
export { toolLoop } from "./loop/tool-loop.ts";
export * from "./loop/tool-loop-error.ts";
export type {
  Approval,
  PendingCall,
  ToolLoop,
  ToolLoopEvent,
  ToolLoopOptions,
  ToolLoopResult,
  ToolLoopRun,
  ToolLoopState,
  ToolLoopStateV1,
} from "./loop/types.ts";
// Messages and media.
export { loadHistory, type SavedHistory, saveHistory } from "./message/history.ts";
export { audio, document, image, type MediaSource, maxMediaBytes } from "./message/media.ts";
export { Messages } from "./message/message.ts";
export type {
  AudioPart,
  CachePart,
  Content,
  DocumentPart,
  ImageDetail,
  ImagePart,
  Message,
  Part,
  ResultContent,
  ResultPart,
  Role,
  TextPart,
  ThinkingPart,
  ToolCallPart,
  ToolResultPart,
} from "./message/parts.ts";
// Costs.
export {
  type Cost,
  type CostQuery,
  costOf,
  type FoundPrices,
  loadPrices,
  type ModelFacts,
  type ModelPrices,
  type PriceConditions,
  type PriceEntry,
  type PriceSource,
  type Prices,
  type PriceTable,
  readPrices,
} from "./money/cost.ts";
export type { Tokens } from "./money/tokens.ts";
// Prompts, and calls that are ready to be sent.
export { type AnswerWords, describeAnswer } from "./prepare/output-plan.ts";
export type { Prepared } from "./prepare/prepare.ts";
export { type PromptDump, type PromptFunction, prompt, promptTemplate, withMetadata } from "./prepare/prompt.ts";
export type { DynamicConfig, PromptContent, PromptReturn } from "./prepare/prompt-types.ts";
export type { PreparedCall, PrepareReport } from "./prepare/report.ts";
// Responses and streams.
export { CallResponse } from "./read/response.ts";
export { type Spent, Stream, type StreamStep } from "./read/stream.ts";
export { StreamChunk } from "./read/stream-chunk.ts";
export * from "./read/stream-error.ts";
export type { PartialToolUse } from "./read/tool-emitter.ts";
// Schemas.
export type { JsonSchema } from "./schema/json-schema.ts";
export { type Infer, jsonSchema, type StandardJsonSchema, type StandardSchemaV1 } from "./schema/schema.ts";
// Scopes.
export { defaultIdleTimeout } from "./send/event-run.ts";
export { type ScopeOverrides, within } from "./send/scope.ts";
export { sdkReader } from "./send/sdk-reader.ts";
// Structured answers.
export { responseOf } from "./structured/extract.ts";
export * from "./structured/parse-error.ts";
export { StructuredStream } from "./structured/structured-stream.ts";
// Templates.
export { dedent } from "./template/dedent.ts";
export type { Flatten, TemplateArgs, TemplateFunctionArgs, TemplateParameters } from "./template/template-types.ts";
// Tools.
export { type Tool, type ToolArgs, type ToolContext, type ToolOptions, tool } from "./tools/tool.ts";
export * from "./tools/tool-error.ts";
export type { ToolOutcome } from "./tools/tool-outcome.ts";
export { type Toolkit, type ToolkitOptions, toolkit } from "./tools/toolkit.ts";
export type { ToolUse } from "./tools/use.ts";
