import type OpenAI from "openai";
import type { Batch } from "../../contract/batch.ts";
import { batchesOf } from "../../dialects/openai-batch.ts";

/** OpenAI's batches of Chat Completions. https://developers.openai.com/api/docs/guides/batch */
export const batch: Batch<OpenAI.ChatCompletionCreateParams, OpenAI.ChatCompletion> = batchesOf(
  "openai",
  "/v1/chat/completions",
);
