import { promptTemplate, withMetadata } from "callscope";
import { anthropic } from "callscope/anthropic";
import { openai } from "callscope/openai";

// #region value
const recommend = withMetadata(
  { version: 3 },
  promptTemplate(`
    SYSTEM: You are a librarian.
    USER: Recommend a {genre} book
  `),
);

console.log(await recommend.text({ genre: "fantasy" })); // for people
console.log(await recommend.messages({ genre: "fantasy" })); // as a call has them
console.log(JSON.stringify(await recommend.dump({ genre: "fantasy" }))); // for a log

// It runs with any call.
const byGpt = await openai.call("gpt-4o-mini")(recommend)({ genre: "fantasy" });
const byClaude = anthropic.call("claude-haiku-4-5", { callParams: { max_tokens: 512 } })(recommend);
// #endregion
console.log(byGpt.content, (await byClaude.prepare({ genre: "fantasy" })).metadata);
