import type { ProviderTypes } from "../../contract/provider.ts";
import type { LocalModel } from "./model.ts";
import type {
  LocalAssistantMessage,
  LocalChunk,
  LocalFinishReason,
  LocalMessage,
  LocalParams,
  LocalRequest,
  LocalResponse,
  LocalToolCall,
  LocalToolMessage,
  LocalUsage,
} from "./types.ts";

/** A GGUF model in this process, run by node-llama-cpp. */
export interface LocalTypes extends ProviderTypes {
  Client: LocalModel;
  Params: LocalParams;
  Request: LocalRequest;
  Message: LocalMessage;
  Response: LocalResponse;
  Chunk: LocalChunk;
  FinishReason: LocalFinishReason;
  Usage: LocalUsage;
  ToolCall: LocalToolCall;
  AssistantMessage: LocalAssistantMessage;
  ToolMessage: LocalToolMessage;
}
