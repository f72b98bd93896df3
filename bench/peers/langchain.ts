import { ChatAnthropic } from "@langchain/anthropic";
import { ChatOpenAI } from "@langchain/openai";
import * as z from "zod";
import { apiKey, base, claude } from "../clients.ts";
import { conversation, Items, model, Profile, Query, Report, searchText, toolNames, writeText } from "../samples.ts";
import type { Peer } from "./peer.ts";

function chatModel(origin: string, route: string): ChatOpenAI {
  return new ChatOpenAI({ model, apiKey, maxRetries: 0, configuration: { baseURL: base(origin, route) } });
}

export const langChain: Peer = {
  name: "LangChain.js",
  ask(origin, route) {
    const chat = chatModel(origin, route);
    return async (prompt) => (await chat.invoke(prompt)).text;
  },
  askMuch(origin, route) {
    const chat = chatModel(origin, route).bindTools(
      toolNames.map((name) => ({ name, description: searchText, schema: Query })),
    );
    return async () => (await chat.invoke([...conversation])).text;
  },
  texts(origin, route, vendor) {
    const chat =
      vendor === "openai"
        ? chatModel(origin, route)
        : new ChatAnthropic({ model: claude, apiKey, maxRetries: 0, anthropicApiUrl: `${origin}/${route}` });
    return async function* (prompt) {
      for await (const { text } of await chat.stream(prompt)) yield text;
    };
  },
  toolCall(origin, route) {
    const chat = chatModel(origin, route).bindTools([
      { name: "write_report", description: writeText, schema: z.toJSONSchema(Report) },
    ]);
    return async (see) => {
      let text = "";
      for await (const { tool_call_chunks: [chunk] = [] } of await chat.stream(writeText)) {
        if (chunk?.args === undefined) continue;
        see(chunk.args);
        text += chunk.args;
      }
      return Report.parse(JSON.parse(text));
    };
  },
  extract(origin, route) {
    const structured = chatModel(origin, route).withStructuredOutput(Profile, { method: "functionCalling" });
    return (prompt) => structured.invoke(prompt);
  },
  partials(origin, route) {
    const structured = chatModel(origin, route).withStructuredOutput(Items, { method: "functionCalling" });
    return async function* (prompt) {
      yield* await structured.stream(prompt);
    };
  },
};
