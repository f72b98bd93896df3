import { prompt } from "callscope";
import { anthropic } from "callscope/anthropic";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region judge
// The reasons come first: a score that is written before them is a guess.
const Verdict = z.object({ reasons: z.string(), score: z.int().min(1).max(5) });

const rate = prompt(
  (question: string, answer: string) => `How helpful is the answer to the customer, from 1 to 5?
Question: ${question}
Answer: ${answer}`,
);

const judge = openai.call("gpt-4o", { responseModel: Verdict, retries: { validation: 1 } })(rate);

const question = "Are you open on Sundays?";
const answer = "Yes, from noon to six.";
const { score, reasons } = await judge(question, answer);
console.log(`one judge: ${score}, ${reasons}`);
// #endregion

// #region panel
// The same prompt, other models: no model judges its own kind alone.
const judges = [
  judge,
  openai.call("gpt-4.1-mini", { responseModel: Verdict })(rate),
  anthropic.call("claude-haiku-4-5", { responseModel: Verdict, callParams: { max_tokens: 300 } })(rate),
];

const settled = await Promise.allSettled(judges.map((each) => each(question, answer)));
const scores = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value.score] : [])).sort();
if (scores.length < 2) throw new Error("Too few judges answered."); // one alone is no panel
console.log(`panel: ${scores.join(", ")}, so ${scores[Math.floor(scores.length / 2)]}`);
// #endregion
