import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { generateObject, generateText, streamObject, streamText, type ToolSet, tool } from "ai";
import { apiKey, base, claude } from "../clients.ts";
import { conversation, Items, model, Profile, Query, Report, searchText, toolNames, writeText } from "../samples.ts";
import type { Peer } from "./peer.ts";

// The AI SDK's switch for its advice, which is no part of what is measured.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });

/** Its model of Chat Completions. */
export function aiModel(origin: string, route: string) {
  return createOpenAI({ apiKey, baseURL: base(origin, route) }).chat(model);
}

// Its tools do not fit its own type of them where `exactOptionalPropertyTypes` is set, as it is here.
const toolsOf = (made: object) => made as ToolSet;
const tools = toolsOf(
  Object.fromEntries(toolNames.map((name) => [name, tool({ description: searchText, inputSchema: Query })])),
);

export const aiSdk: Peer = {
  name: "AI SDK",
  ask(origin, route) {
    const languageModel = aiModel(origin, route);
    return async (prompt) => (await generateText({ model: languageModel, prompt })).text;
  },
  askMuch(origin, route) {
    const languageModel = aiModel(origin, route);
    return async () => (await generateText({ model: languageModel, messages: [...conversation], tools })).text;
  },
  texts(origin, route, vendor) {
    const languageModel =
      vendor === "openai"
        ? aiModel(origin, route)
        : createAnthropic({ apiKey, baseURL: base(origin, route) }).languageModel(claude);
    return (prompt) => streamText({ model: languageModel, prompt }).textStream;
  },
  toolCall(origin, route) {
    const languageModel = aiModel(origin, route);
    const written = toolsOf({ write_report: tool({ description: writeText, inputSchema: Report }) });
    return async (see) => {
      let input: unknown;
      const { fullStream } = streamText({ model: languageModel, prompt: writeText, tools: written });
      for await (const part of fullStream) {
        if (part.type === "tool-input-delta") see(part.delta);
        else if (part.type === "tool-call") input = part.input;
      }
      return input;
    };
  },
  extract(origin, route) {
    const languageModel = aiModel(origin, route);
    return async (prompt) => (await generateObject({ model: languageModel, schema: Profile, prompt })).object;
  },
  partials(origin, route) {
    const languageModel = aiModel(origin, route);
    return (prompt) => streamObject({ model: languageModel, schema: Items, prompt }).partialObjectStream;
  },
};
