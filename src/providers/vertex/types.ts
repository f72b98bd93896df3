import type { GenerateContentConfig } from "@google/genai";
import type { OwnedParams } from "../../dialects/gemini-config.ts";
import type { GenAITypes } from "../../dialects/gemini-types.ts";

/** Parameters of the SDK that only the Gemini API has. */
export type GeminiOnly = "enableEnhancedCivicAnswers" | "store";

/** Vertex AI's generateContent, as the official SDK types it. */
export interface VertexTypes extends GenAITypes {
  /** What stands in the SDK's `config`, flat and by its own names. */
  Params: Omit<GenerateContentConfig, OwnedParams | GeminiOnly>;
}
