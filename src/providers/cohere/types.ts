import type { Cohere, CohereClientV2 } from "cohere-ai";
import type { ProviderTypes } from "../../contract/provider.ts";

/** Cohere's v2 chat, as the official SDK types it. */
export interface CohereTypes extends ProviderTypes {
  /** `CohereClientV2`, its AWS kin (`cohere-ai/aws`), or the `v2` of a `CohereClient`. Its retries are the SDK's: 2. */
  Client: Pick<CohereClientV2, "chat" | "chatStream">;
  Params: Omit<Cohere.V2ChatRequest, "model" | "messages">;
  Request: Cohere.V2ChatRequest;
  Message: Cohere.ChatMessageV2;
  Response: Cohere.V2ChatResponse;
  Chunk: Cohere.V2ChatStreamResponse;
  FinishReason: Cohere.ChatFinishReason;
  Usage: Cohere.Usage;
  ToolCall: Cohere.ToolCallV2;
  AssistantMessage: Cohere.ChatMessageV2.Assistant;
  ToolMessage: Cohere.ChatMessageV2.Tool;
}
