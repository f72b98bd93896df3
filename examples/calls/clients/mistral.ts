// Made by scripts/examples.ts: change it there.

import { Mistral } from "@mistralai/mistralai";
import { mistral } from "callscope/mistral";

// #region static
const recommendBook = mistral.call(
  "mistral-small-latest",
  { client: new Mistral({ apiKey: process.env.MISTRAL_API_KEY ?? "" }) },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region dynamic
const patient = new Mistral({ apiKey: process.env.MISTRAL_API_KEY ?? "", timeoutMs: 20_000 });

const perGenre = mistral.call(
  "mistral-small-latest",
  (genre: string): mistral.DynamicConfig => ({
    messages: `Recommend a ${genre} book`,
    ...(genre === "fantasy" && { client: patient }),
  }),
);
// #endregion
console.log((await perGenre("fantasy")).content);
