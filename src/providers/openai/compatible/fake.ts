import { openaiFake } from "../../../dialects/openai-sdk-fake.ts";
import type { CompatibleTypes } from "./types.ts";

/** How answers are made up for tests, in the form of the `openai` package. */
export const fakeOf = (name: string) => openaiFake<CompatibleTypes>(name);
