// Made by scripts/examples.ts: change it there.

import { GoogleGenAI } from "@google/genai";
import { vertex } from "callscope/vertex";

// #region sdk
const client = new GoogleGenAI({ enterprise: true });
const generated = await client.models.generateContent({
  model: "gemini-2.5-flash",
  contents: "Recommend a fantasy book",
});
console.log(generated.text);
// #endregion

// #region callscope
const recommendBook = vertex.call("gemini-2.5-flash", (genre: string) => `Recommend a ${genre} book`);
console.log((await recommendBook("fantasy")).content);
// #endregion
