import { budget, limit, retry } from "callscope";
import { openai } from "callscope/openai";
import { map } from "callscope/rows";
import * as z from "zod";

const reviews = [
  { id: "r1", text: "I could not put it down." },
  { id: "r2", text: "Two pages were missing." },
  { id: "r3", text: "A gift for my mother, who loved it." },
];

const rate = openai.call(
  "gpt-4o-mini",
  {
    responseModel: z.enum(["good", "bad"]),
    callParams: { max_completion_tokens: 50 },
    layers: [retry({ attempts: 5 }), limit({ requestsPerMinute: 500 }), budget({ usd: 0.5 })],
  },
  (review: { text: string }) => `Is this review good or bad? ${review.text}`,
);

// Started again after whatever end, it asks only for what is not in its journal.
const night = map(rate, reviews, { key: ({ id }) => id, concurrency: 8, journal: "reviews.db" });
for await (const row of night) console.log(row.key, row.status === "done" ? row.value : row.error);
const { done, failed, cost } = await night;
console.log(`${done} rated, ${failed} failed, $${cost?.toFixed(6)}`);
