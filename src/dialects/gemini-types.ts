import type {
  Content,
  FunctionCall,
  GenerateContentConfig,
  GenerateContentParameters,
  GenerateContentResponse,
  GenerateContentResponseUsageMetadata,
  FinishReason as GoogleFinishReason,
  GoogleGenAI,
} from "@google/genai";
import type { ProviderTypes } from "../contract/provider.ts";

/** What both services have in common, as `@google/genai` types it. */
export interface GenAITypes extends ProviderTypes {
  Client: GoogleGenAI;
  Request: GenerateContentParameters & { contents: Content[]; config: GenerateContentConfig };
  Message: Content;
  Response: GenerateContentResponse;
  Chunk: GenerateContentResponse;
  FinishReason: `${GoogleFinishReason}`;
  Usage: GenerateContentResponseUsageMetadata;
  ToolCall: FunctionCall;
  AssistantMessage: Content;
  ToolMessage: Content;
}

/** What sets one of Google's services apart from the other. */
export interface GeminiSupport {
  /** The provider's name, for errors. */
  readonly provider: string;
  /** What its clients are called, for errors. */
  readonly clients: string;
  /** Whether it reads files from Google Cloud Storage (`gs://`). */
  readonly readsBuckets: boolean;
  /** Whether a file it fetches itself must come with its media type. */
  readonly needsMediaType: boolean;
  /** The SDK's parameters that only the other service has. */
  readonly lacks: readonly (keyof GenerateContentConfig)[];
}
