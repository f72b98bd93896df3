// Made by scripts/examples.ts: change it there.

import { LocalModel, local } from "callscope/local";

// #region static
const recommendBook = local.call(
  "default",
  { client: new LocalModel({ contextSize: 512 }), callParams: { maxTokens: 12 } },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region dynamic
const patient = new LocalModel({ contextSize: 256 });

const perGenre = local.call(
  "default",
  { callParams: { maxTokens: 12 } },
  (genre: string): local.DynamicConfig => ({
    messages: `Recommend a ${genre} book`,
    ...(genre === "fantasy" && { client: patient }),
  }),
);
// #endregion
console.log((await perGenre("fantasy")).content);
