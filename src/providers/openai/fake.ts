import { openaiFake } from "../../dialects/openai-sdk-fake.ts";
import type { OpenAITypes } from "./types.ts";

/** How answers are made up for tests, in the form of the `openai` package. */
export const fake = openaiFake<OpenAITypes>("openai");
