// Made by scripts/examples.ts: change it there.

import { litellm } from "callscope/litellm";
import OpenAI from "openai";

// #region sdk
const client = new OpenAI({ apiKey: process.env.LITELLM_API_KEY, baseURL: process.env.LITELLM_BASE_URL });
const completion = await client.chat.completions.create({
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "Recommend a fantasy book" }],
});
console.log(completion.choices[0]?.message.content);
// #endregion

// #region callscope
const recommendBook = litellm.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);
console.log((await recommendBook("fantasy")).content);
// #endregion
