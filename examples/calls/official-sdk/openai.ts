// Made by scripts/examples.ts: change it there.

import { openai } from "callscope/openai";
import OpenAI from "openai";

// #region sdk
const client = new OpenAI();
const completion = await client.chat.completions.create({
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "Recommend a fantasy book" }],
});
console.log(completion.choices[0]?.message.content);
// #endregion

// #region callscope
const recommendBook = openai.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);
console.log((await recommendBook("fantasy")).content);
// #endregion
