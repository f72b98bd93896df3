import { attemptsOf, retry } from "callscope";
import { openai } from "callscope/openai";

// #region retry
const patient = retry({ attempts: 4, when: ["rate_limit", "overloaded", "server", "timeout", "connection"] });
const recommendBook = openai.call("gpt-4o-mini", { layers: [patient] }, (genre: string) => `Recommend a ${genre} book`);
const response = await recommendBook("fantasy");
console.log(response.content);
console.log(`${response.attempts.length} tried before, ${response.total.requests} sent, $${response.total.cost}`);
// #endregion

// #region again
const shorter = retry({
  attempts: 3,
  when: "not_found",
  again: (errors: readonly unknown[], text: string) => [text.slice(0, text.length / 2 ** errors.length)],
});
const summarize = openai.call("no-such-model", { layers: [shorter] }, (text: string) => `Summarize: ${text}`);
try {
  await summarize("It is a truth universally acknowledged");
} catch (error) {
  // The SDK's own error, untouched; what was tried lies beside it.
  for (const attempt of attemptsOf(error)) console.log(attempt.model, attempt.cost);
}
// #endregion
