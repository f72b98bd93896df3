import type OpenAI from "openai";
import type { ProviderTypes } from "../../../contract/provider.ts";

// Unknown to version 4 of the SDK, which says nothing of tools that take any text.
type CustomCall = Extract<OpenAI.Responses.ResponseOutputItem, { type: "custom_tool_call" }>;
type CustomOutput = Extract<OpenAI.Responses.ResponseInputItem, { type: "custom_tool_call_output" }>;

export type Create = OpenAI.Responses.ResponseCreateParams;

/** OpenAI's Responses API, as the official SDK types it. */
export interface OpenAIResponsesTypes extends ProviderTypes {
  /** `OpenAI`, or `AzureOpenAI`, which is one. */
  Client: OpenAI;
  Params: Omit<Create, "model" | "input" | "stream">;
  Request: Create;
  /** An input item of any kind, or a whole turn of the model. */
  Message: OpenAI.Responses.ResponseInputItem | AssistantTurn;
  Response: OpenAI.Responses.Response;
  Chunk: OpenAI.Responses.ResponseStreamEvent;
  /** Why the answer is incomplete, else its status. */
  FinishReason:
    | NonNullable<OpenAI.Responses.Response.IncompleteDetails["reason"]>
    | NonNullable<OpenAI.Responses.Response["status"]>;
  Usage: OpenAI.Responses.ResponseUsage;
  ToolCall: OpenAI.Responses.ResponseFunctionToolCall | CustomCall;
  AssistantMessage: AssistantTurn;
  ToolMessage: OpenAI.Responses.ResponseInputItem.FunctionCallOutput | CustomOutput;
}

/**
 * One turn of the model, which in this API is several items: reasoning, text, tool calls, what the provider's own tools
 * did. It is what `messageParam` gives; it is plain data, and among a call's messages its items are sent in its place,
 * just as they came. `{ role: "assistant", output: response.output }` makes one of any response of the SDK.
 */
export interface AssistantTurn {
  readonly role: "assistant";
  readonly output: readonly OpenAI.Responses.ResponseOutputItem[];
}
