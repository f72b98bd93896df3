// Made by scripts/examples.ts: change it there.

import { azure } from "callscope/azure";
import { AzureOpenAI } from "openai";

// #region static
const recommendBook = azure.call(
  "gpt-4o-mini",
  { client: new AzureOpenAI({ apiVersion: "2024-10-21", maxRetries: 0 }) },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region dynamic
const patient = new AzureOpenAI({ apiVersion: "2024-10-21", timeout: 20_000 });

const perGenre = azure.call(
  "gpt-4o-mini",
  (genre: string): azure.DynamicConfig => ({
    messages: `Recommend a ${genre} book`,
    ...(genre === "fantasy" && { client: patient }),
  }),
);
// #endregion
console.log((await perGenre("fantasy")).content);
