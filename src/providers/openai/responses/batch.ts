import type OpenAI from "openai";
import type { Batch } from "../../../contract/batch.ts";
import { batchesOf } from "../../../dialects/openai-batch.ts";
import { outputText } from "./read.ts";
import type { Create } from "./types.ts";

/** OpenAI's batches of the Responses API. The SDK's `output_text`, which is not on the wire, is put in. */
export const batch: Batch<Create, OpenAI.Responses.Response> = batchesOf("openai", "/v1/responses", (response) => ({
  ...response,
  output_text: outputText(response.output),
}));
