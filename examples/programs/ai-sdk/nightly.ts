import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { openai } from "@ai-sdk/openai";
import { generateText, type LanguageModelMiddleware, Output, wrapLanguageModel } from "ai";
import pLimit from "p-limit";

const reviews = [
  { id: "r1", text: "I could not put it down." },
  { id: "r2", text: "Two pages were missing." },
  { id: "r3", text: "A gift for my mother, who loved it." },
];

const starts: number[] = [];
let cost = 0;

const limits: LanguageModelMiddleware = {
  async wrapGenerate({ doGenerate }) {
    while (performance.now() - (starts.at(-500) ?? Number.NEGATIVE_INFINITY) < 60_000) await setTimeout(100);
    if (cost >= 0.5) throw new Error("The night's budget is spent.");
    starts.push(performance.now());
    const result = await doGenerate();
    const { inputTokens, outputTokens } = result.usage;
    // Dollars for a million tokens, of the provider's price list.
    cost += ((inputTokens.total ?? 0) * 0.15 + (outputTokens.total ?? 0) * 0.6) / 1e6;
    return result;
  },
};
const model = wrapLanguageModel({ model: openai.chat("gpt-4o-mini"), middleware: limits });
const output = Output.choice({ options: ["good", "bad"] });

// Started again after whatever end, it asks only for what is not in its journal.
const journal = "reviews.jsonl";
const lines = existsSync(journal) ? readFileSync(journal, "utf8").trim().split("\n") : [];
const rated = new Set(lines.map((line) => JSON.parse(line).id));
let failed = 0;

async function rate({ id, text }: { id: string; text: string }) {
  try {
    const prompt = `Is this review good or bad? ${text}`;
    const result = await generateText({ model, output, prompt, maxOutputTokens: 50, maxRetries: 4 });
    appendFileSync(journal, `${JSON.stringify({ id, value: result.output })}\n`);
    rated.add(id);
    console.log(id, result.output);
  } catch (error) {
    failed++;
    console.log(id, error);
  }
}

await pLimit(8).map(
  reviews.filter(({ id }) => !rated.has(id)),
  rate,
);
console.log(`${rated.size} rated, ${failed} failed, $${cost.toFixed(6)}`);
