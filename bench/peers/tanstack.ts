import { chat, parsePartialJSON, toolDefinition } from "@tanstack/ai";
import { createAnthropicChat } from "@tanstack/ai-anthropic";
import { createOpenaiChatCompletions } from "@tanstack/ai-openai";
import { apiKey, base } from "../clients.ts";
import { conversation, Items, model, Profile, Query, Report, searchText, toolNames, writeText } from "../samples.ts";
import type { Peer } from "./peer.ts";

// It brings a copy of each SDK of its own, of another version.

function adapterOf(origin: string, route: string) {
  return createOpenaiChatCompletions(model, apiKey, { baseURL: base(origin, route), maxRetries: 0 });
}

const user = (content: string) => [{ role: "user" as const, content }];

const tools = toolNames.map((name) => toolDefinition({ name, description: searchText, inputSchema: Query }).client());

export const tanStack: Peer = {
  name: "TanStack AI",
  ask(origin, route) {
    const adapter = adapterOf(origin, route);
    return (prompt) => chat({ adapter, messages: user(prompt), stream: false });
  },
  askMuch(origin, route) {
    const adapter = adapterOf(origin, route);
    return () => chat({ adapter, messages: [...conversation], tools, stream: false });
  },
  texts(origin, route, vendor) {
    const adapter =
      vendor === "openai"
        ? adapterOf(origin, route)
        : createAnthropicChat("claude-haiku-4-5", apiKey, { baseURL: `${origin}/${route}`, maxRetries: 0 });
    return async function* (prompt) {
      for await (const chunk of chat({ adapter, messages: user(prompt) })) {
        if (chunk.type === "TEXT_MESSAGE_CONTENT") yield chunk.delta;
      }
    };
  },
  toolCall(origin, route) {
    const adapter = adapterOf(origin, route);
    const write = toolDefinition({ name: "write_report", description: writeText, inputSchema: Report }).client();
    return async (see) => {
      let input: unknown;
      for await (const chunk of chat({ adapter, messages: user(writeText), tools: [write] })) {
        if (chunk.type === "TOOL_CALL_ARGS") see(chunk.delta);
        else if (chunk.type === "TOOL_CALL_END" && chunk.input !== undefined) input = chunk.input;
      }
      return Report.parse(input);
    };
  },
  extract(origin, route) {
    const adapter = adapterOf(origin, route);
    return (prompt) => chat({ adapter, messages: user(prompt), outputSchema: Profile });
  },
  partials(origin, route) {
    const adapter = adapterOf(origin, route);
    return async function* (prompt) {
      let text = "";
      for await (const chunk of chat({ adapter, messages: user(prompt), outputSchema: Items, stream: true })) {
        if (chunk.type !== "TEXT_MESSAGE_CONTENT") continue;
        text += chunk.delta;
        // Outside of its hooks for user interfaces, which do the same, its documentation has one do this oneself.
        yield parsePartialJSON(text);
      }
    };
  },
};
