import { attemptsOf, fallback, hedge, tool, toolLoop } from "callscope";
import { anthropic } from "callscope/anthropic";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region fallback
const prompt = (genre: string) => `Recommend a ${genre} book`;
const byOpenAI = openai.call("no-such-model", prompt);
const byClaude = anthropic.call("claude-haiku-4-5", prompt);

const recommendBook = fallback(byOpenAI, byClaude);
const response = await recommendBook("fantasy");
console.log(response.provider, response.leg, response.content);
for (const { provider, error, cost } of response.attempts) console.log(provider, error, cost);
// #endregion

// #region when
const patient = fallback(byOpenAI, {
  call: byClaude,
  when: ["rate_limit", "overloaded", (_error, { status }) => status === 404],
});
console.log((await patient.with({ deadline: 30_000 })("fantasy")).leg);
// #endregion

// #region errors
try {
  await fallback(byOpenAI, byOpenAI.with({ callParams: { temperature: 0 } }))("fantasy");
} catch (error) {
  // The last leg's own error; what all of them came to lies beside it.
  for (const attempt of attemptsOf(error)) console.log("failed", attempt.model, attempt.cost);
}
// #endregion

// #region stream
const streamed = fallback(
  openai.call("no-such-model", { stream: true }, prompt),
  openai.call("gpt-4o-mini", { stream: true }, prompt),
)("fantasy");
for await (const [chunk] of streamed) process.stdout.write(chunk.content);
console.log("\nstreamed by leg", streamed.constructCallResponse().leg);
// #endregion

// #region hedge
const quick = hedge(openai.call("gpt-4o-mini", prompt), byClaude, { after: 5_000 });
const { value, response: first } = await quick("fantasy").withResponse();
console.log(value.content, first.leg, first.total.cost);
// #endregion

// #region loop
const getBookInfo = tool({
  name: "get_book_info",
  parameters: z.object({ isbn: z.string() }),
  call: ({ isbn }) => `Mistborn: The Final Empire by Brandon Sanderson (${isbn})`,
});
const question = (text: string) => text;
const ask = fallback(
  openai.call("no-such-model", { tools: [getBookInfo] }, question),
  openai.call("gpt-4o-mini", { tools: [getBookInfo] }, question),
);
const result = await toolLoop(ask)("Which book has the ISBN 0-7653-1178-X?");
console.log(result.status, "by leg", result.state.leg);
// #endregion
