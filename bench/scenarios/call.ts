import { tool } from "callscope";
import { openai } from "callscope/openai";
import * as z from "zod";
import { pooledClient, sdkClient } from "../clients.ts";
import { measure } from "../measure.ts";
import { fetchJson, requestJson } from "../raw.ts";
import { compared, type Table } from "../report.ts";
import { conversation, model, Query, recommend, toolNames } from "../samples.ts";

/** (a) One small call. */
export async function smallCall(origin: string): Promise<Table[]> {
  const client = sdkClient(origin, "call");
  const body = () => ({ model, messages: [{ role: "user" as const, content: recommend("fantasy") }] });
  const call = openai.call(model, { client }, recommend);
  const pooled = openai.call(model, { client: pooledClient(origin, "call") }, recommend);
  const contenders = [
    { name: "undici.request", run: () => requestJson(origin, "call", body()) },
    { name: "fetch", run: () => fetchJson(origin, "call", body()) },
    { name: "openai SDK", run: async () => (await client.chat.completions.create(body())).choices[0]?.message.content },
    { name: "callscope", run: async () => (await call("fantasy")).content },
    { name: "callscope, pooledFetch", run: async () => (await pooled("fantasy")).content },
  ];
  const figures = await measure(contenders, "openai SDK", { operations: 150, rounds: 15, warmUp: 200 });
  return [compared("a. One small call", "call", figures)];
}

/** (b) 200 messages with 100 KB of text, and ten tools. */
export async function bigCall(origin: string): Promise<Table[]> {
  const client = sdkClient(origin, "call");
  const description = "Searches one of our catalogues";
  const parameters = z.toJSONSchema(Query);
  const tools = toolNames.map((name) => ({ type: "function" as const, function: { name, description, parameters } }));
  const body = () => ({ model, messages: conversation.map((message) => ({ ...message })), tools });
  const ours = toolNames.map((name) => tool({ name, description, parameters: Query, call: ({ query }) => query }));
  const call = openai.call(model, { client, tools: ours }, () => conversation);
  const pooled = call.with({ client: pooledClient(origin, "call") });
  const contenders = [
    { name: "undici.request", run: () => requestJson(origin, "call", body()) },
    { name: "fetch", run: () => fetchJson(origin, "call", body()) },
    { name: "openai SDK", run: async () => (await client.chat.completions.create(body())).choices[0]?.message.content },
    { name: "callscope", run: async () => (await call()).content },
    { name: "callscope, pooledFetch", run: async () => (await pooled()).content },
  ];
  const figures = await measure(contenders, "openai SDK", { operations: 60, rounds: 13, warmUp: 80 });
  return [compared("b. A call of 100 KB, 200 messages, 10 tools", "call", figures)];
}
