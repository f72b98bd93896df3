import OpenAI from "openai";
import { openai } from "../../src/providers/openai/index.ts";
import { batch } from "../../src/rows/index.ts";

// A run in batches in a process of its own, for tests that kill it.
const [url, journal, count] = process.argv.slice(2) as [string, string, string];
const client = new OpenAI({ apiKey: "sk-secret", baseURL: `${url}/v1`, maxRetries: 0, logLevel: "off" });
const call = openai.call("gpt-4o-mini", { client }, (text: string) => text);
const rows = Array.from({ length: Number(count) }, (_, index) => `row ${index}`);
const totals = await batch(call, rows, { journal, name: "nightly", key: (row: string) => row, poll: 1 });
process.stdout.write(`${JSON.stringify({ done: totals.done, cost: totals.cost })}\n`);
