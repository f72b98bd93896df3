import { budget, within } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";

// #region parallel
const summarize = openai.call("gpt-4o-mini", (text: string) => `Summarize in one sentence: ${text}`);
const translate = openai.call("gpt-4o-mini", (text: string, language: string) => `Translate to ${language}: ${text}`);

const summary = await summarize("Vin is a thief who learns that she can burn metals.");
const languages = ["French", "Italian"];
const translations = await Promise.all(languages.map((language) => translate(summary.content, language)));
console.log(translations.length, "translations of", summary.content);
// #endregion

// #region route
const kindOf = openai.call(
  "gpt-4o-mini",
  { responseModel: z.enum(["question", "complaint"]) },
  (letter: string) => `What is this letter? ${letter}`,
);
const reply = openai.call("gpt-4o-mini", (letter: string) => `Answer the question: ${letter}`);
const apologize = openai.call("gpt-4o-mini", (letter: string) => `Apologize for what happened: ${letter}`);

async function answerLetter(letter: string) {
  const next = (await kindOf(letter)) === "question" ? reply : apologize;
  return next(letter);
}
console.log((await answerLetter("Are you open on Sundays?")).content);
// #endregion

// #region scope
const purse = budget({ usd: 0.05, unbounded: "allow" });
const answer = await within({ layers: [purse], deadline: 60_000 }, () => answerLetter("My book is torn."));
console.log(answer.content, purse.spent.requests, "requests");
// #endregion
