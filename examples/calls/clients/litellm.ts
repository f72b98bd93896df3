// Made by scripts/examples.ts: change it there.

import { litellm } from "callscope/litellm";
import OpenAI from "openai";

// #region static
const recommendBook = litellm.call(
  "gpt-4o-mini",
  { client: new OpenAI({ apiKey: process.env.LITELLM_API_KEY, baseURL: process.env.LITELLM_BASE_URL }) },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region dynamic
const patient = new OpenAI({
  apiKey: process.env.LITELLM_API_KEY,
  baseURL: process.env.LITELLM_BASE_URL,
  timeout: 20_000,
});

const perGenre = litellm.call(
  "gpt-4o-mini",
  (genre: string): litellm.DynamicConfig => ({
    messages: `Recommend a ${genre} book`,
    ...(genre === "fantasy" && { client: patient }),
  }),
);
// #endregion
console.log((await perGenre("fantasy")).content);
