// Made by scripts/examples.ts: change it there.

import { cohere } from "callscope/cohere";
import { CohereClientV2 } from "cohere-ai";

// #region sdk
const client = new CohereClientV2({});
const chat = await client.chat({
  model: "command-a-03-2025",
  messages: [{ role: "user", content: "Recommend a fantasy book" }],
});
console.log(chat.message.content?.map((item) => (item.type === "text" ? item.text : "")).join(""));
// #endregion

// #region callscope
const recommendBook = cohere.call("command-a-03-2025", (genre: string) => `Recommend a ${genre} book`);
console.log((await recommendBook("fantasy")).content);
// #endregion
