import OpenAI from "openai";
import { toolLoop } from "../../src/loop/tool-loop.ts";
import { openai } from "../../src/providers/openai/index.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { tool } from "../../src/tools/tool.ts";

// The calls that rows are asked by: the same in the workers and where `map` is called.

/** A model's answers over HTTP. */
export const clientOf = (url: string) =>
  new OpenAI({ apiKey: "sk-secret", baseURL: url, maxRetries: 0, logLevel: "off" });

const book = jsonSchema<{ title: string }>({
  title: "Book",
  type: "object",
  properties: { title: { type: "string" } },
  required: ["title"],
});

/** A text in capitals, and what it was asked for. */
export const shoutOf = (url: string) =>
  openai.call("gpt-4o-mini", { client: clientOf(url) }, (text: string) => ({
    messages: text,
    metadata: { kind: text.split(" ")[1] ?? "" },
  }));

/** A book, which is wrong at first. */
export const bookOf = (url: string) =>
  openai.call(
    "gpt-4o-mini",
    { client: clientOf(url), responseModel: book, jsonMode: true, retries: { validation: 1 } },
    (text: string) => text,
  );

/** A run of tools. */
export const agentOf = (url: string) => {
  const weather = tool({
    name: "weather",
    parameters: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } }),
    call: ({ city }) => `Sun in ${city}`,
  });
  const pay = tool({ name: "pay", call: () => "paid" });
  return toolLoop(openai.call("gpt-4o-mini", { client: clientOf(url), tools: [weather, pay] }, (text: string) => text));
};
