// Made by scripts/examples.ts: change it there.

import { openai } from "callscope/openai";
import OpenAI from "openai";

// #region static
const recommendBook = openai.call(
  "gpt-4o-mini",
  { client: new OpenAI({ maxRetries: 0 }) },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region dynamic
const patient = new OpenAI({ timeout: 20_000 });

const perGenre = openai.call(
  "gpt-4o-mini",
  (genre: string): openai.DynamicConfig => ({
    messages: `Recommend a ${genre} book`,
    ...(genre === "fantasy" && { client: patient }),
  }),
);
// #endregion
console.log((await perGenre("fantasy")).content);
