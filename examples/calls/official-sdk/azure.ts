// Made by scripts/examples.ts: change it there.

import { azure } from "callscope/azure";
import OpenAI from "openai";

// #region sdk
const client = new OpenAI({
  apiKey: process.env.AZURE_OPENAI_API_KEY,
  baseURL: `${process.env.AZURE_OPENAI_ENDPOINT}/openai/v1/`,
});
const completion = await client.chat.completions.create({
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "Recommend a fantasy book" }],
});
console.log(completion.choices[0]?.message.content);
// #endregion

// #region callscope
const recommendBook = azure.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);
console.log((await recommendBook("fantasy")).content);
// #endregion
