import type { Mistral } from "@mistralai/mistralai";
import type * as sdk from "@mistralai/mistralai/models/components/index.js";
import type { ProviderTypes } from "../../contract/provider.ts";

/** Mistral's chat completions, as the official SDK types them. */
export interface MistralTypes extends ProviderTypes {
  /** A `Mistral` instance: these two methods of it are called. */
  Client: { readonly chat: Pick<Mistral["chat"], "complete" | "stream"> };
  Params: Omit<sdk.ChatCompletionRequest, "model" | "messages" | "stream">;
  Request: sdk.ChatCompletionRequest;
  Message: sdk.ChatCompletionRequest["messages"][number];
  Response: sdk.ChatCompletionResponse;
  Chunk: sdk.CompletionEvent;
  FinishReason: NonNullable<sdk.ChatCompletionChoice["finishReason"]>;
  Usage: sdk.UsageInfo;
  ToolCall: sdk.ToolCall;
  AssistantMessage: sdk.AssistantMessage & { role: "assistant" };
  ToolMessage: sdk.ToolMessage;
}
