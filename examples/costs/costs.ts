import { openai } from "callscope/openai";

const recommendBook = openai.call("gpt-4o-mini", (genre: string) => `Recommend a ${genre} book`);

// #region cost
const response = await recommendBook("fantasy");
console.log(response.cost); // US dollars, or `undefined` where no price is certain
console.log(response.costDetails?.entry); // the entry of the price list, and since when it holds
console.log(response.tokens); // cached, reasoning and audio tokens, counted alike for all providers
// #endregion

// #region table
const negotiated = recommendBook.with({
  prices: { "gpt-4o-mini": { input: 0.1, output: 0.4, cacheRead: 0.05 } }, // US dollars a million tokens
});
// #endregion
console.log((await negotiated("fantasy")).costDetails?.entry?.source);

// #region before
const { estimatedInputTokens, estimatedCost } = await recommendBook
  .with({ callParams: { max_completion_tokens: 512 } })
  .prepare("fantasy");
console.log(estimatedInputTokens, estimatedCost.least, estimatedCost.most); // nothing was sent
// #endregion
