import OpenAI from "openai";
import { map } from "../../src/rows/index.ts";
import { shout, textOf } from "./row-call.ts";

// A worker of its own: `node row-child.ts URL JOURNAL ROWS CONCURRENCY`. It prints "begun", and at its end its totals.
const [url = "", journal = "", count = "0", concurrency = "1"] = process.argv.slice(2);
const client = new OpenAI({ apiKey: "sk-secret", baseURL: url, maxRetries: 0, logLevel: "off" });
const rows = function* () {
  for (let index = 0; index < Number(count); index++) yield `row ${index}`;
};
const run = map(shout(client), rows(), {
  args: textOf,
  key: (row) => row,
  journal,
  concurrency: Number(concurrency),
  lease: { duration: 2000 },
});
process.stdout.write("begun\n");
try {
  const { tags: _, reason: __, ...totals } = await run;
  process.stdout.write(`${JSON.stringify(totals)}\n`);
} catch (error) {
  const { code, fault, message } = error as { code?: unknown; fault?: unknown; message?: unknown };
  process.stdout.write(`${JSON.stringify({ code, fault, message })}\n`);
  process.exitCode = 1;
}
