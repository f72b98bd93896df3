import { fileURLToPath } from "node:url";
import { budget, limit, retry } from "callscope";
import { openai } from "callscope/openai";
import { estimate, jsonl, map } from "callscope/rows";
import * as z from "zod";

// #region call
const Rating = z.object({ rating: z.enum(["good", "bad"]), quote: z.string() });

const rate = openai.call(
  "gpt-4o-mini",
  {
    responseModel: Rating,
    callParams: { max_completion_tokens: 100 },
    retries: { validation: 1 },
    layers: [retry({ attempts: 5 }), limit({ requestsPerMinute: 500, concurrency: 8 }), budget({ usd: 2 })],
  },
  (text: string) => `Is this review good or bad? Quote the words that say so. ${text}`,
);
// #endregion

// #region run
const source = fileURLToPath(new URL("reviews.jsonl", import.meta.url));
const reviews = jsonl(source, { schema: z.object({ id: z.string(), text: z.string() }) });

const { rows, live } = await estimate(rate, reviews, { args: ({ text }) => [text] });
console.log(`${rows} reviews, at most $${live.most?.toFixed(4)}`);

const night = map(rate, reviews, {
  key: ({ id }) => id,
  args: ({ text }) => [text],
  journal: "reviews.db", // what is in it is not asked for again
  name: "ratings",
});
for await (const row of night) {
  if (row.status === "failed") console.log(row.key, "failed:", (row.error as Error).message);
}
const { done, failed, resumed, own, stopped } = await night;
console.log({ done, failed, resumed, asked: own.requests, stopped });
process.exitCode = stopped === undefined ? 0 : 1; // for whoever started the job
// #endregion
