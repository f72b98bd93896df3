import { tool } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";
import { pooledClient, sdkClient } from "../clients.ts";
import { type Contender, measure } from "../measure.ts";
import { peers } from "../peers/index.ts";
import { fetchJson, requestJson } from "../raw.ts";
import { compared, type Table } from "../report.ts";
import { conversation, model, Query, recommend, searchText, toolNames } from "../samples.ts";

/** (a) One small call. */
export async function smallCall(origin: string): Promise<Table[]> {
  const client = sdkClient(origin, "call");
  const pool = pooledClient(origin, "call");
  const body = () => ({ model, messages: [{ role: "user" as const, content: recommend("fantasy") }] });
  const call = openai.call(model, { client }, recommend);
  const pooled = call.with({ client: pool });
  const contenders = [
    { name: "undici.request", run: () => requestJson(origin, "call", body()) },
    { name: "fetch", run: () => fetchJson(origin, "call", body()) },
    { name: "SDK", run: async () => (await client.chat.completions.create(body())).choices[0]?.message.content },
    {
      name: "SDK, pooledFetch",
      run: async () => (await pool.chat.completions.create(body())).choices[0]?.message.content,
    },
    { name: "callscope", run: async () => (await call("fantasy")).content },
    { name: "callscope, pooledFetch", run: async () => (await pooled("fantasy")).content },
    ...peers.flatMap(({ name, ask }): Contender[] => {
      const asked = ask?.(origin, "call");
      return asked === undefined ? [] : [{ name, run: () => asked(recommend("fantasy")) }];
    }),
  ].map(answering);
  const figures = await measure(contenders, "SDK", { rounds: 15, warmUp: 6000, longest: 2500 });
  return [compared("a. One small call", "call", figures, { row: "one small call" })];
}

/** (b) 200 messages with 100 KB of text, and ten tools. */
export async function bigCall(origin: string): Promise<Table[]> {
  const client = sdkClient(origin, "call");
  const pool = pooledClient(origin, "call");
  const parameters = z.toJSONSchema(Query);
  const tools = toolNames.map((name) => ({
    type: "function" as const,
    function: { name, description: searchText, parameters },
  }));
  const body = () => ({ model, messages: conversation.map((message) => ({ ...message })), tools });
  const ours = toolNames.map((name) =>
    tool({ name, description: searchText, parameters: Query, call: ({ query }) => query }),
  );
  const call = openai.call(model, { client, tools: ours }, () => conversation);
  const pooled = call.with({ client: pool });
  const contenders = [
    { name: "undici.request", run: () => requestJson(origin, "call", body()) },
    { name: "fetch", run: () => fetchJson(origin, "call", body()) },
    { name: "SDK", run: async () => (await client.chat.completions.create(body())).choices[0]?.message.content },
    {
      name: "SDK, pooledFetch",
      run: async () => (await pool.chat.completions.create(body())).choices[0]?.message.content,
    },
    { name: "callscope", run: async () => (await call()).content },
    { name: "callscope, pooledFetch", run: async () => (await pooled()).content },
    ...peers.flatMap(({ name, askMuch }): Contender[] => {
      const run = askMuch?.(origin, "call");
      return run === undefined ? [] : [{ name, run }];
    }),
  ].map(answering);
  const figures = await measure(contenders, "SDK", { rounds: 13, warmUp: 2000, longest: 2500 });
  return [compared("b. A call of 100 KB, 200 messages, 10 tools", "call", figures, { row: "100 KB call, 10 tools" })];
}

/** Minds that the answer came: texts are read by whoever gives texts. */
function answering({ name, run }: Contender): Contender {
  return {
    name,
    async run() {
      const answer = await run();
      if (answer !== "Dune" && typeof answer !== "object") throw new Error(`${name} gave ${answer}.`);
    },
  };
}
