import { generateObject } from "@xsai/generate-object";
import { generateText } from "@xsai/generate-text";
import { streamObject } from "@xsai/stream-object";
import { streamText } from "@xsai/stream-text";
import { tool } from "@xsai/tool";
import { apiKey, base } from "../clients.ts";
import { conversation, Items, model, Profile, Query, Report, searchText, toolNames, writeText } from "../samples.ts";
import type { Peer } from "./peer.ts";

// It speaks Chat Completions only, by `fetch`, without an SDK.

const user = (content: string) => [{ role: "user" as const, content }];

const tools = await Promise.all(
  toolNames.map((name) =>
    tool({ name, description: searchText, parameters: Query, execute: ({ query }) => query, strict: false }),
  ),
);

function optionsOf(origin: string, route: string) {
  return { apiKey, baseURL: `${base(origin, route)}/`, model };
}

export const xsai: Peer = {
  name: "xsai",
  ask(origin, route) {
    const options = optionsOf(origin, route);
    return async (prompt) => (await generateText({ ...options, messages: user(prompt) })).text ?? "";
  },
  askMuch(origin, route) {
    const options = optionsOf(origin, route);
    return async () => (await generateText({ ...options, messages: [...conversation], tools })).text ?? "";
  },
  texts(origin, route, vendor) {
    if (vendor !== "openai") return undefined;
    const options = optionsOf(origin, route);
    return (prompt) => streamText({ ...options, messages: user(prompt) }).textStream;
  },
  toolCall(origin, route) {
    const options = optionsOf(origin, route);
    let input: unknown;
    const made = tool({
      name: "write_report",
      description: writeText,
      parameters: Report,
      // It calls a tool also in the last step that is allowed.
      execute(value) {
        input = value;
        return "";
      },
    });
    return async (see) => {
      input = undefined;
      const { fullStream } = streamText({ ...options, messages: user(writeText), tools: [await made] });
      for await (const event of fullStream) if (event.type === "tool-call-delta") see(event.argsTextDelta);
      return Report.parse(input);
    };
  },
  extract(origin, route) {
    const options = optionsOf(origin, route);
    return async (prompt) =>
      (await generateObject({ ...options, messages: user(prompt), schema: Profile, output: "object" })).object;
  },
  partials(origin, route) {
    const options = optionsOf(origin, route);
    return async function* (prompt) {
      yield* (await streamObject({ ...options, messages: user(prompt), schema: Items, output: "object" }))
        .partialObjectStream;
    };
  },
};
