// Made by scripts/examples.ts: change it there.

import Anthropic from "@anthropic-ai/sdk";
import { anthropic } from "callscope/anthropic";

// #region static
const recommendBook = anthropic.call(
  "claude-haiku-4-5",
  { client: new Anthropic({ maxRetries: 0 }) },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region dynamic
const patient = new Anthropic({ timeout: 20_000 });

const perGenre = anthropic.call(
  "claude-haiku-4-5",
  (genre: string): anthropic.DynamicConfig => ({
    messages: `Recommend a ${genre} book`,
    ...(genre === "fantasy" && { client: patient }),
  }),
);
// #endregion
console.log((await perGenre("fantasy")).content);
