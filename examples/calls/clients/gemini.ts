// Made by scripts/examples.ts: change it there.

import { GoogleGenAI } from "@google/genai";
import { gemini } from "callscope/gemini";

// #region static
const recommendBook = gemini.call(
  "gemini-2.5-flash",
  { client: new GoogleGenAI({}) },
  (genre: string) => `Recommend a ${genre} book`,
);
// #endregion
console.log((await recommendBook("fantasy")).content);

// #region dynamic
const patient = new GoogleGenAI({ httpOptions: { timeout: 20_000 } });

const perGenre = gemini.call(
  "gemini-2.5-flash",
  (genre: string): gemini.DynamicConfig => ({
    messages: `Recommend a ${genre} book`,
    ...(genre === "fantasy" && { client: patient }),
  }),
);
// #endregion
console.log((await perGenre("fantasy")).content);
