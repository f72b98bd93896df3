import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import * as z from "zod";

// One library meets one fault, in a process of its own: `node child.ts LIBRARY text|stream|value URL`. It prints what a
// program gets that does what the library's documentation shows, with the library's own defaults.

const [library = "", asks = "", baseURL = ""] = process.argv.slice(2);
const model = "gpt-4o-mini";
const prompt = "How many tablets?";
const Dose = z.object({ name: z.string(), dose: z.number() });
const sdk = new OpenAI({ apiKey: "key", baseURL });
// Only the library that is met is loaded.
const callscope = async () => (await import("callscope/openai")).openai;
const aiSdk = async () => {
  const { createOpenAI } = await import("@ai-sdk/openai");
  return { ...(await import("ai")), ai: createOpenAI({ apiKey: "key", baseURL }).chat(model) };
};
const chain = async () => {
  const { ChatOpenAI } = await import("@langchain/openai");
  return new ChatOpenAI({ model, apiKey: "key", configuration: { baseURL } });
};
const messages = [{ role: "user" as const, content: prompt }];

/** What a program gets, and what the library says of how it ended. */
interface Got {
  readonly value: unknown;
  readonly finish?: unknown;
}

const runs: Readonly<Record<string, Readonly<Record<string, () => Promise<Got>>>>> = {
  callscope: {
    async text() {
      const ask = (await callscope()).call(model, { client: sdk }, () => prompt);
      const { content, finishReasons } = await ask();
      return { value: content, finish: finishReasons?.[0] };
    },
    async stream() {
      let value = "";
      const stream = (await callscope()).call(model, { stream: true, client: sdk }, () => prompt)();
      for await (const [chunk] of stream) value += chunk.content;
      return { value, finish: stream.finishReasons?.[0] };
    },
    async value() {
      return { value: await (await callscope()).call(model, { client: sdk, responseModel: Dose }, () => prompt)() };
    },
  },
  openai: {
    async text() {
      const { choices } = await sdk.chat.completions.create({ model, messages });
      return { value: choices[0]?.message.content, finish: choices[0]?.finish_reason };
    },
    async stream() {
      let value = "";
      let finish: unknown;
      for await (const { choices } of await sdk.chat.completions.create({ model, messages, stream: true })) {
        value += choices[0]?.delta.content ?? "";
        finish = choices[0]?.finish_reason ?? finish;
      }
      return { value, finish };
    },
    async value() {
      const response_format = zodResponseFormat(Dose, "dose");
      const { choices } = await sdk.chat.completions.parse({ model, messages, response_format });
      return { value: choices[0]?.message.parsed };
    },
  },
  "ai-sdk": {
    async text() {
      const { ai, generateText } = await aiSdk();
      const { text, finishReason } = await generateText({ model: ai, prompt });
      return { value: text, finish: finishReason };
    },
    async stream() {
      let value = "";
      const { ai, streamText } = await aiSdk();
      const { textStream, finishReason } = streamText({ model: ai, prompt });
      for await (const part of textStream) value += part;
      return { value, finish: await finishReason };
    },
    async value() {
      const { ai, generateText, Output } = await aiSdk();
      return { value: (await generateText({ model: ai, prompt, output: Output.object({ schema: Dose }) })).output };
    },
  },
  langchain: {
    async text() {
      const { text, response_metadata } = await (await chain()).invoke(prompt);
      return { value: text, finish: response_metadata.finish_reason };
    },
    async stream() {
      let value = "";
      let finish: unknown;
      for await (const chunk of await (await chain()).stream(prompt)) {
        value += chunk.text;
        finish = chunk.response_metadata.finish_reason ?? finish;
      }
      return { value, finish };
    },
    value: async () => ({
      value: await (await chain())
        .withStructuredOutput(Dose, { name: "dose", method: "functionCalling" })
        .invoke(prompt),
    }),
  },
  instructor: {
    value: async () => ({
      value: await (await import("@instructor-ai/instructor"))
        .default({ client: sdk, mode: "TOOLS" })
        .chat.completions.create({
          model,
          messages,
          response_model: { schema: Dose, name: "Dose" },
        }),
    }),
  },
};

// What a library writes to the console is no part of the result.
console.log = console.warn = console.error = console.debug = () => {};
const run = runs[library]?.[asks];
let result: object;
try {
  const got = await run?.();
  result = got === undefined ? { absent: true } : { ...got, value: got.value ?? null };
} catch (error) {
  const { status, statusCode, code } = error as { status?: number; statusCode?: number; code?: string };
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.constructor.name : undefined;
  const name = error instanceof Error ? error.constructor.name.replace(/^_/, "") : typeof error;
  result = { error: name, status: status ?? statusCode, code, cause, message: String((error as Error).message) };
}
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit();
