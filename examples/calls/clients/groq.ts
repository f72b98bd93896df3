// Made by scripts/examples.ts: change it there.

import { groq } from "callscope/groq";
import Groq from "groq-sdk";

// #region static
const recommendBook = groq.call(
  "llama-3.3-70b-versatile",
  { client: new Groq({ maxRetries: 0 }) },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region dynamic
const patient = new Groq({ timeout: 20_000 });

const perGenre = groq.call(
  "llama-3.3-70b-versatile",
  (genre: string): groq.DynamicConfig => ({
    messages: `Recommend a ${genre} book`,
    ...(genre === "fantasy" && { client: patient }),
  }),
);
// #endregion
console.log((await perGenre("fantasy")).content);
