// Made by scripts/examples.ts: change it there.

import { GoogleGenAI } from "@google/genai";
import { gemini } from "callscope/gemini";

// #region sdk
const client = new GoogleGenAI({});
const generated = await client.models.generateContent({
  model: "gemini-2.5-flash",
  contents: "Recommend a fantasy book",
});
console.log(generated.text);
// #endregion

// #region callscope
const recommendBook = gemini.call("gemini-2.5-flash", (genre: string) => `Recommend a ${genre} book`);
console.log((await recommendBook("fantasy")).content);
// #endregion
