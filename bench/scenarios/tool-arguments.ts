import { tool } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";
import { sdkClient } from "../clients.ts";
import { measure } from "../measure.ts";
import { compared, type Table } from "../report.ts";
import { model, Report, reportJson } from "../samples.ts";

const length = 50_000;
const prompt = "Write the report";

/** (e) One tool call whose arguments of 50 KB come in deltas of 16 characters. */
export async function toolArguments(origin: string): Promise<Table[]> {
  const client = sdkClient(origin, `arguments/${length}`);
  const parameters = z.toJSONSchema(Report);
  const tools = [{ type: "function" as const, function: { name: "write_report", parameters } }];
  const messages = [{ role: "user" as const, content: prompt }];
  const write = tool({ name: "write_report", parameters: Report, call: ({ title }) => title });
  const whole = openai.call(model, { client, stream: true, tools: [write] }, () => prompt);
  const growing = openai.call(model, { client, stream: { partialTools: true }, tools: [write] }, () => prompt);
  const contenders = [
    {
      name: "openai SDK",
      async run() {
        let text = "";
        for await (const { choices } of await client.chat.completions.create({
          model,
          messages,
          tools,
          stream: true,
        })) {
          text += choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? "";
        }
        check(Report.parse(JSON.parse(text)));
      },
    },
    {
      name: "callscope",
      async run() {
        for await (const [, use] of whole()) if (use) check(use.args);
      },
    },
    {
      name: "callscope, partialTools",
      async run() {
        let steps = 0;
        for await (const [, use] of growing()) {
          if (use === undefined) continue;
          if (!("delta" in use)) check(use.args);
          else if (use.args.title !== undefined) steps++;
        }
        if (steps < length / 16 - 10) throw new Error(`Only ${steps} steps of the arguments were seen.`);
      },
    },
  ];
  const units = Math.ceil(reportJson(length).length / 16);
  const figures = await measure(contenders, "openai SDK", { operations: 3, rounds: 11, warmUp: 20, units });
  return [compared("e. 50 KB of streamed tool arguments", "delta", figures)];
}

function check({ paragraphs }: { readonly paragraphs: readonly string[] }): void {
  if (paragraphs.length !== length / 80) throw new Error(`There are ${paragraphs.length} paragraphs.`);
}
