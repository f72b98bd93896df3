import {
  type Api,
  type Context,
  createModels,
  createProvider,
  type Model,
  type ProviderStreams,
  type Tool,
  validateToolCall,
} from "@earendil-works/pi-ai";
import { anthropicMessagesApi } from "@earendil-works/pi-ai/api/anthropic-messages.lazy";
import { openAICompletionsApi } from "@earendil-works/pi-ai/api/openai-completions.lazy";
import * as z from "zod";
import { apiKey, base, claude } from "../clients.ts";
import { conversation, Items, model, Profile, Query, Report, searchText, toolNames, writeText } from "../samples.ts";
import type { Peer, Vendor } from "./peer.ts";

// It reads every answer as a stream, and brings a copy of each SDK of its own, of another version.

const apis: Readonly<Record<Vendor, { readonly api: Api; readonly id: string; readonly streams: ProviderStreams }>> = {
  openai: { api: "openai-completions", id: model, streams: openAICompletionsApi() },
  anthropic: { api: "anthropic-messages", id: claude, streams: anthropicMessagesApi() },
};

/** A collection of one provider with one model, as for any other server that speaks the protocol. */
function modelsOf(origin: string, route: string, vendor: Vendor = "openai") {
  const { api, id, streams } = apis[vendor];
  const one: Model<Api> = {
    ...{ id, name: id, api, provider: "bench", reasoning: false, input: ["text"], maxTokens: 32_000 },
    baseUrl: vendor === "openai" ? base(origin, route) : `${origin}/${route}`,
    cost: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 },
    contextWindow: 128_000,
  };
  const auth = { apiKey: { name: "Bench", resolve: async () => ({ auth: { apiKey } }) } };
  const models = createModels();
  models.setProvider(createProvider({ id: "bench", auth, models: [one], api: streams }));
  return { models, model: one };
}

const context = (content: string, tools: Tool[] = []): Context => ({
  messages: [{ role: "user", content, timestamp: 0 }],
  tools,
});

function toolOf(name: string, description: string, schema: z.ZodType): Tool {
  return { name, description, parameters: z.toJSONSchema(schema) };
}

const searches = toolNames.map((name) => toolOf(name, searchText, Query));

async function textOf(answer: Promise<{ content: readonly { type: string }[] }>): Promise<string> {
  return (await answer).content.map((part) => ("text" in part ? part.text : "")).join("");
}

export const pi: Peer = {
  name: "pi-ai",
  ask(origin, route) {
    const { models, model } = modelsOf(origin, route);
    return (prompt) => textOf(models.complete(model, context(prompt)));
  },
  askMuch(origin, route) {
    const { models, model } = modelsOf(origin, route);
    const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalTokens: 0 };
    const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 };
    const answered = { api: model.api, provider: "bench", model: model.id, usage: { ...usage, cost } };
    const messages: Context["messages"] = conversation.map(({ role, content }) =>
      role === "user"
        ? { role, content, timestamp: 0 }
        : { role, content: [{ type: "text", text: content }], ...answered, stopReason: "stop", timestamp: 0 },
    );
    return () => textOf(models.complete(model, { messages, tools: searches }));
  },
  texts(origin, route, vendor) {
    const { models, model } = modelsOf(origin, route, vendor);
    return async function* (prompt) {
      for await (const event of models.stream(model, context(prompt))) {
        if (event.type === "text_delta") yield event.delta;
      }
    };
  },
  toolCall(origin, route) {
    const { models, model } = modelsOf(origin, route);
    const tools = [toolOf("write_report", writeText, Report)];
    return async (see) => {
      let input: unknown;
      for await (const event of models.stream(model, context(writeText, tools))) {
        if (event.type === "toolcall_delta") see(event.delta);
        else if (event.type === "toolcall_end") input = validateToolCall(tools, event.toolCall);
      }
      return input;
    };
  },
  extract(origin, route) {
    const { models, model } = modelsOf(origin, route);
    const tools = [toolOf("profile", "Keeps the profile", Profile)];
    return async (prompt) => {
      const { content } = await models.complete(model, context(prompt, tools));
      const call = content.find((part) => part.type === "toolCall");
      if (call === undefined) throw new Error("pi-ai gave no call of the tool.");
      return validateToolCall(tools, call) as z.infer<typeof Profile>;
    };
  },
  partials(origin, route) {
    const { models, model } = modelsOf(origin, route);
    const tools = [toolOf("items", "Keeps the items", Items)];
    return async function* (prompt) {
      for await (const event of models.stream(model, context(prompt, tools))) {
        if (event.type !== "toolcall_delta") continue;
        const part = event.partial.content[event.contentIndex];
        if (part?.type === "toolCall") yield part.arguments;
      }
    };
  },
};
