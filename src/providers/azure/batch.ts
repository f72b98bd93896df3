import type OpenAI from "openai";
import type { Batch } from "../../contract/batch.ts";
import { batchesOf } from "../../dialects/openai-batch.ts";
import { ConfigError } from "../../errors/errors.ts";
import { isRest } from "./rest.ts";
import type { RestClient } from "./rest-types.ts";

// The path without a version: https://learn.microsoft.com/azure/ai-foundry/openai/how-to/batch
const own = batchesOf<OpenAI.ChatCompletionCreateParams, OpenAI.ChatCompletion>("azure", "/chat/completions");

/** Azure OpenAI's batches. `model` is a deployment of the kind Global Batch or Data Zone Batch. */
export const batch: Batch<OpenAI.ChatCompletionCreateParams, OpenAI.ChatCompletion> = {
  ...own,
  async open(client, settings) {
    if (!isRest(client as OpenAI | RestClient)) return own.open(client, settings);
    throw new ConfigError(
      "The client of @azure-rest/ai-inference has no batches: give an OpenAI or AzureOpenAI instance, or use map().",
    );
  },
};
