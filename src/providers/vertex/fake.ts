import { geminiFake } from "../../dialects/gemini-fake.ts";
import type { VertexTypes } from "./types.ts";

/** How answers are made up for tests, in the form of `@google/genai`. */
export const fake = geminiFake<VertexTypes>("vertex");
