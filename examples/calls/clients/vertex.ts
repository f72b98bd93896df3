// Made by scripts/examples.ts: change it there.

import { GoogleGenAI } from "@google/genai";
import { vertex } from "callscope/vertex";

// #region static
const recommendBook = vertex.call(
  "gemini-2.5-flash",
  { client: new GoogleGenAI({ enterprise: true }) },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region dynamic
const patient = new GoogleGenAI({ enterprise: true, httpOptions: { timeout: 20_000 } });

const perGenre = vertex.call(
  "gemini-2.5-flash",
  (genre: string): vertex.DynamicConfig => ({
    messages: `Recommend a ${genre} book`,
    ...(genre === "fantasy" && { client: patient }),
  }),
);
// #endregion
console.log((await perGenre("fantasy")).content);
