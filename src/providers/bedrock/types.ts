import type {
  BedrockRuntimeClient,
  ConverseCommandOutput,
  ConverseStreamCommandInput,
  ConverseStreamOutput,
  Message,
  StopReason,
  TokenUsage,
  ToolUseBlock,
} from "@aws-sdk/client-bedrock-runtime";
import type { ProviderTypes } from "../../contract/provider.ts";

/** Amazon Bedrock's Converse and ConverseStream, as the AWS SDK types them. */
export interface BedrockTypes extends ProviderTypes {
  /** `BedrockRuntimeClient`, or `BedrockRuntime`, which is one. */
  Client: BedrockRuntimeClient;
  Params: Omit<ConverseStreamCommandInput, "modelId" | "messages">;
  Request: ConverseStreamCommandInput;
  Message: Message;
  Response: ConverseCommandOutput;
  Chunk: ConverseStreamOutput;
  FinishReason: StopReason;
  Usage: TokenUsage;
  ToolCall: ToolUseBlock;
  AssistantMessage: Message;
  ToolMessage: Message;
}
