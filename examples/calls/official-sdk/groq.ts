// Made by scripts/examples.ts: change it there.

import { groq } from "callscope/groq";
import Groq from "groq-sdk";

// #region sdk
const client = new Groq();
const completion = await client.chat.completions.create({
  model: "llama-3.3-70b-versatile",
  messages: [{ role: "user", content: "Recommend a fantasy book" }],
});
console.log(completion.choices[0]?.message.content);
// #endregion

// #region callscope
const recommendBook = groq.call("llama-3.3-70b-versatile", (genre: string) => `Recommend a ${genre} book`);
console.log((await recommendBook("fantasy")).content);
// #endregion
