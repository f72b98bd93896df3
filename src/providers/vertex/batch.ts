import type { GenerateContentParameters, GenerateContentResponse } from "@google/genai";
import type { Batch } from "../../contract/batch.ts";
import { ConfigError } from "../../errors/errors.ts";

/**
 * Vertex AI reads the requests of a batch from a bucket of Google Cloud Storage, or from BigQuery, and writes the results there.
 * `@google/genai` names such places (`BatchJobSource.gcsUri`), and can neither write nor read them: its `files.upload` is of
 * the Gemini API alone, and `registerFiles` only names what lies there.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/batch-prediction-gemini
 */
export const batch: Batch<GenerateContentParameters, GenerateContentResponse> = {
  limits: { requests: 1, bytes: 1 },
  async open() {
    throw new ConfigError(
      "callscope/vertex has no batches: Vertex AI takes them from a bucket of Google Cloud Storage, which @google/genai can neither write nor read. Use map(), or batch() of callscope/gemini.",
    );
  },
};
