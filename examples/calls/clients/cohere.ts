// Made by scripts/examples.ts: change it there.

import { cohere } from "callscope/cohere";
import { CohereClientV2 } from "cohere-ai";

// #region static
const recommendBook = cohere.call(
  "command-a-03-2025",
  { client: new CohereClientV2({ maxRetries: 0 }) },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region dynamic
const patient = new CohereClientV2({ timeoutInSeconds: 20 });

const perGenre = cohere.call(
  "command-a-03-2025",
  (genre: string): cohere.DynamicConfig => ({
    messages: `Recommend a ${genre} book`,
    ...(genre === "fantasy" && { client: patient }),
  }),
);
// #endregion
console.log((await perGenre("fantasy")).content);
