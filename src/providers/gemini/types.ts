import type { GenerateContentConfig } from "@google/genai";
import type { OwnedParams } from "../../dialects/gemini-config.ts";
import type { GenAITypes } from "../../dialects/gemini-types.ts";

/** Parameters of the SDK that only Vertex AI has. */
export type VertexOnly =
  | "audioTimestamp"
  | "generationOutputConfig"
  | "modelArmorConfig"
  | "modelSelectionConfig"
  | "routingConfig";

/** The Gemini API's generateContent, as the official SDK types it. */
export interface GeminiTypes extends GenAITypes {
  /** What stands in the SDK's `config`, flat and by its own names. */
  Params: Omit<GenerateContentConfig, OwnedParams | VertexOnly>;
}
