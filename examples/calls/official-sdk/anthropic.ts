// Made by scripts/examples.ts: change it there.

import Anthropic from "@anthropic-ai/sdk";
import { anthropic } from "callscope/anthropic";

// #region sdk
const client = new Anthropic();
const message = await client.messages.create({
  model: "claude-haiku-4-5",
  max_tokens: 1024,
  messages: [{ role: "user", content: "Recommend a fantasy book" }],
});
console.log(message.content.map((block) => (block.type === "text" ? block.text : "")).join(""));
// #endregion

// #region callscope
const recommendBook = anthropic.call("claude-haiku-4-5", (genre: string) => `Recommend a ${genre} book`);
console.log((await recommendBook("fantasy")).content);
// #endregion
