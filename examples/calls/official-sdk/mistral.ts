// Made by scripts/examples.ts: change it there.

import { Mistral } from "@mistralai/mistralai";
import { mistral } from "callscope/mistral";

// #region sdk
const client = new Mistral({ apiKey: process.env.MISTRAL_API_KEY ?? "" });
const completion = await client.chat.complete({
  model: "mistral-small-latest",
  messages: [{ role: "user", content: "Recommend a fantasy book" }],
});
console.log(completion.choices?.[0]?.message?.content);
// #endregion

// #region callscope
const recommendBook = mistral.call("mistral-small-latest", (genre: string) => `Recommend a ${genre} book`);
console.log((await recommendBook("fantasy")).content);
// #endregion
