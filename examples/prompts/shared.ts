import { prompt } from "callscope";
import { anthropic } from "callscope/anthropic";
import { openai } from "callscope/openai";

// #region shared
const recommendBook = prompt((genre: string) => `Recommend a ${genre} book`);

const byGpt = openai.call("gpt-4o-mini")(recommendBook);
const byClaude = anthropic.call("claude-haiku-4-5", { callParams: { max_tokens: 512 } })(recommendBook);
// #endregion

// #region prepare
const prepared = await byClaude.prepare("fantasy");
console.log(prepared.request); // what the SDK would be given; nothing was sent
console.log(prepared.estimatedInputTokens, prepared.estimatedCost);
// #endregion
console.log((await byGpt("fantasy")).content);
