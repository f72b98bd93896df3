import { Messages, prompt } from "callscope";
import { anthropic } from "callscope/anthropic";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region panel
const advise = prompt((question: string) => [
  Messages.system("You advise the owner of a book shop, in one sentence."),
  Messages.user(question),
]);

const panel = [
  openai.call("gpt-4o-mini")(advise),
  openai.call("gpt-4.1-mini")(advise),
  anthropic.call("claude-haiku-4-5", { callParams: { max_tokens: 200 } })(advise),
];

const question = "Should the shop open on Sundays?";
// One that fails is missing from the panel, and no more.
const settled = await Promise.allSettled(panel.map((member) => member(question)));
const answers = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
for (const { model, content } of answers) console.log(`${model}: ${content}`);
// #endregion

// #region judge
const judge = openai.call(
  "gpt-4o",
  {
    // It must be one of those that answered.
    responseModel: (_: string, given: readonly string[]) =>
      z.object({ best: z.int().min(1).max(given.length), why: z.string() }),
    retries: { validation: 1 },
  },
  // Names would sway it: the answers have numbers.
  (question: string, given: readonly string[]) =>
    `Which answer is best?\nQuestion: ${question}\n${given.map((text, index) => `${index + 1}. ${text}`).join("\n")}`,
);

const verdict = await judge(
  question,
  answers.map(({ content }) => content),
);
console.log(`best: ${answers[verdict.best - 1]?.model}, ${verdict.why}`);
// #endregion
