import type * as sdk from "@mistralai/mistralai/models/components/index.js";
import { type Keys, type KeysOf, OneOf, type Shape } from "../../contract/sdk-keys.ts";
import type { MistralTypes } from "./types.ts";

// What the SDK sends of a request: it strips every key it does not know, without a word.

const text = { type: true, text: true } satisfies KeysOf<sdk.TextChunk>;
const reference = { type: true, referenceIds: true } satisfies KeysOf<sdk.ReferenceChunk>;

const thought = new OneOf("type", {
  text,
  reference,
  tool_reference: {
    type: true,
    tool: true,
    title: true,
    url: true,
    favicon: true,
    description: true,
  } satisfies KeysOf<sdk.ToolReferenceChunk>,
});

const chunks = {
  text,
  reference,
  image_url: {
    type: true,
    imageUrl: { url: true, detail: true } satisfies KeysOf<sdk.ImageURL>,
  } satisfies KeysOf<sdk.ImageURLChunk>,
  document_url: { type: true, documentUrl: true, documentName: true } satisfies KeysOf<sdk.DocumentURLChunk>,
  input_audio: { type: true, inputAudio: true } satisfies KeysOf<sdk.AudioChunk>,
  file: { type: true, fileId: true } satisfies KeysOf<sdk.FileChunk>,
  thinking: { type: true, thinking: thought, signature: true, closed: true } satisfies KeysOf<sdk.ThinkChunk>,
} satisfies Record<Exclude<sdk.ContentChunk["type"], "UNKNOWN">, Shape>;

const chunk = new OneOf("type", chunks, "refuse");

const toolCall = {
  id: true,
  type: true,
  function: { name: true, arguments: true } satisfies KeysOf<sdk.FunctionCall>,
  index: true,
} satisfies KeysOf<sdk.ToolCall>;

const messages = {
  system: { role: true, content: chunk } satisfies KeysOf<sdk.SystemMessage>,
  user: { role: true, content: chunk } satisfies KeysOf<sdk.UserMessage>,
  assistant: { role: true, content: chunk, toolCalls: toolCall, prefix: true } satisfies KeysOf<sdk.AssistantMessage>,
  tool: { role: true, content: chunk, toolCallId: true, name: true } satisfies KeysOf<sdk.ToolMessage>,
};

/** The roles of the API's messages. */
export const roles: readonly string[] = Object.keys(messages);

/** The keys of a message. */
export const messageKeys: Shape = new OneOf("role", messages);

const toolConfiguration = {
  exclude: true,
  include: true,
  requiresConfirmation: true,
} satisfies KeysOf<sdk.ToolConfiguration>;
const ownTool = { type: true, toolConfiguration } satisfies KeysOf<sdk.WebSearchTool>;

const tool = new OneOf("type", {
  function: {
    type: true,
    function: { name: true, description: true, strict: true, parameters: true } satisfies KeysOf<sdk.FunctionT>,
  } satisfies KeysOf<sdk.Tool>,
  web_search: ownTool,
  web_search_premium: ownTool,
  code_interpreter: ownTool,
  image_generation: ownTool,
  document_library: { ...ownTool, libraryIds: true } satisfies KeysOf<sdk.DocumentLibraryTool>,
  connector: {
    ...ownTool,
    connectorId: true,
    authorization: { type: true, value: true } satisfies KeysOf<sdk.APIKeyAuth>,
  } satisfies KeysOf<sdk.CustomConnector>,
});

const moderation = {
  modelName: true,
  customCategoryThresholds: true,
  ignoreOtherCategories: true,
  action: true,
} satisfies KeysOf<sdk.ModerationLlmv1Config> & KeysOf<sdk.ModerationLlmv2Config>;

/** The keys of `callParams`. */
export const paramKeys: Keys = {
  temperature: true,
  topP: true,
  maxTokens: true,
  stop: true,
  randomSeed: true,
  metadata: true,
  responseFormat: {
    type: true,
    jsonSchema: {
      name: true,
      description: true,
      schemaDefinition: true,
      strict: true,
    } satisfies KeysOf<sdk.JsonSchema>,
  } satisfies KeysOf<sdk.ResponseFormat>,
  tools: tool,
  toolChoice: {
    type: true,
    function: { name: true } satisfies KeysOf<sdk.FunctionName>,
  } satisfies KeysOf<sdk.ToolChoice>,
  presencePenalty: true,
  frequencyPenalty: true,
  n: true,
  prediction: { type: true, content: true } satisfies KeysOf<sdk.Prediction>,
  parallelToolCalls: true,
  reasoningEffort: true,
  promptMode: true,
  guardrails: {
    blockOnError: true,
    moderationLlmV1: moderation,
    moderationLlmV2: moderation,
  } satisfies KeysOf<sdk.GuardrailConfig>,
  promptCacheKey: true,
  serviceTier: true,
  safePrompt: true,
} satisfies KeysOf<MistralTypes["Params"]>;
