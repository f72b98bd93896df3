import { openai } from "callscope/openai";
import * as z from "zod";

// #region judge
const answer = openai.call("gpt-4o-mini", (question: string) => `Answer a customer: ${question}`);

const Verdict = z.object({ polite: z.boolean(), answered: z.boolean(), why: z.string() });
const judge = openai.call(
  "gpt-4o",
  { responseModel: Verdict, callParams: { temperature: 0 } },
  (question: string, text: string) => `Judge the reply.\nQuestion: ${question}\nReply: ${text}`,
);

const question = "Are you open on Sundays?";
const { content } = await answer(question);
const { polite, answered, why } = await judge(question, content);
console.log(content, polite && answered ? "is good enough:" : "is not good enough:", why);
// #endregion
