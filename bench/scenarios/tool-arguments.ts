import { tool } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";
import { pooledClient, sdkClient } from "../clients.ts";
import { type Contender, measure } from "../measure.ts";
import { peers } from "../peers/index.ts";
import { eventsOf, fetchEvents, type RawChunk } from "../raw.ts";
import { compared, type Table } from "../report.ts";
import { model, Report, reportJson, writeText } from "../samples.ts";

const length = 50_000;
const units = Math.ceil(reportJson(length).length / 16);
const route = `arguments/${length}`;
const parameters = z.toJSONSchema(Report);
const tools = [{ type: "function" as const, function: { name: "write_report", description: writeText, parameters } }];
const body = () => ({ model, messages: [{ role: "user" as const, content: writeText }], tools });
const piece = ({ choices }: RawChunk) => choices[0]?.delta.tool_calls?.[0]?.function?.arguments ?? "";

/** (e) One tool call whose arguments of 50 KB come in deltas of 16 characters, each of which is seen. */
export async function toolArguments(origin: string): Promise<Table[]> {
  const contenders = [...byHand(origin), ...ours(origin), ...others(origin)];
  const figures = await measure(contenders, "SDK", { rounds: 11, warmUp: 20, units });
  return [
    compared("e. 50 KB of streamed tool arguments", "delta", figures, {
      row: "50 KB of tool arguments, each delta seen",
    }),
  ];
}

function byHand(origin: string): Contender[] {
  const client = sdkClient(origin, route);
  const pooled = pooledClient(origin, route);
  const read = async (events: AsyncIterable<RawChunk>) => {
    let text = "";
    for await (const event of events) text += piece(event);
    check(JSON.parse(text));
  };
  const sent = () => ({ ...body(), stream: true as const });
  return [
    { name: "fetch, own split", run: () => read(fetchEvents(origin, route, body())) },
    {
      name: "SDK, own reader",
      run: async () => read(eventsOf(await client.chat.completions.create(sent()).asResponse())),
    },
    { name: "SDK", run: async () => read(await client.chat.completions.create(sent())) },
    { name: "SDK, pooledFetch", run: async () => read(await pooled.chat.completions.create(sent())) },
  ];
}

function ours(origin: string): Contender[] {
  const client = sdkClient(origin, route);
  const write = tool({ name: "write_report", description: writeText, parameters: Report, call: ({ title }) => title });
  const whole = openai.call(model, { client, stream: true, tools: [write] }, () => writeText);
  const growing = openai.call(model, { client, stream: { partialTools: true }, tools: [write] }, () => writeText);
  const overPool = growing.with({ client: pooledClient(origin, route) });
  const grown = async (call: typeof growing) => {
    let steps = 0;
    for await (const [, use] of call()) {
      if (use === undefined) continue;
      if (!("delta" in use)) check(use.args);
      else if (use.args.title !== undefined) steps++;
    }
    if (steps < units - 10) throw new Error(`Only ${steps} steps of the arguments were seen.`);
  };
  return [
    {
      name: "callscope, whole tools",
      async run() {
        for await (const [, use] of whole()) if (use) check(use.args);
      },
    },
    { name: "callscope", run: () => grown(growing) },
    { name: "callscope, pooledFetch", run: () => grown(overPool) },
  ];
}

function others(origin: string): Contender[] {
  return peers.flatMap(({ name, toolCall }) => {
    const read = toolCall?.(origin, route);
    if (read === undefined) return [];
    return [
      {
        name,
        async run() {
          let seen = 0;
          const input = await read((text) => {
            if (text !== "") seen++;
          });
          check(input);
          if (seen < units) throw new Error(`${name} showed ${seen} of ${units} deltas.`);
        },
      },
    ];
  });
}

function check(input: unknown): void {
  const { paragraphs } = Report.parse(input);
  if (paragraphs.length !== length / 80) throw new Error(`There are ${paragraphs.length} paragraphs.`);
}
