import { geminiFake } from "../../dialects/gemini-fake.ts";
import type { GeminiTypes } from "./types.ts";

/** How answers are made up for tests, in the form of `@google/genai`. */
export const fake = geminiFake<GeminiTypes>("gemini");
