import type OpenAI from "openai";
import type { OpenAISdkTypes } from "../../dialects/openai-sdk.ts";

/** OpenAI's Chat Completions, as the official SDK types them. */
export interface OpenAITypes extends OpenAISdkTypes {
  /** `OpenAI`, or `AzureOpenAI`, which is one. */
  Client: OpenAI;
}
