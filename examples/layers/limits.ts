import { BudgetError, budget, limit, within } from "callscope";
import { openai } from "callscope/openai";

// #region limit
const steady = limit({ concurrency: 8, requestsPerMinute: 500, tokensPerMinute: 200_000 });
const recommendBook = openai.call("gpt-4o-mini", { layers: [steady] }, (genre: string) => `Recommend a ${genre} book`);
const genres = ["fantasy", "horror", "crime"];
const pending = Promise.all(genres.map((genre) => recommendBook(genre)));
console.log(`${steady.running} under way, ${steady.waiting} waiting`);
console.log((await pending).length, "books");
// #endregion

// #region budget
const purse = budget({ usd: 0.05, requests: 2 });
try {
  await within({ layers: [purse] }, async () => {
    for (const genre of genres) await recommendBook(genre);
  });
} catch (error) {
  if (!(error instanceof BudgetError)) throw error;
  console.log(error.message);
  console.log(`needed ${error.needed.requests}, left ${error.left.requests}`);
}
console.log(`spent $${purse.spent.usd.toFixed(6)} on ${purse.spent.requests} requests`);
// #endregion
