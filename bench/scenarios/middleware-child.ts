import type { LanguageModelV4, LanguageModelV4StreamPart, LanguageModelV4Usage } from "@ai-sdk/provider";
import { generateText, type LanguageModelMiddleware, streamText, wrapLanguageModel } from "ai";
import type { Layer } from "callscope";
import { type Contender, measure } from "../measure.ts";
import { layersOf, wholeStack } from "../stacks.ts";
import { chunks } from "../stub-answers.ts";
import { lanes } from "../stubs.ts";
import { callOnce, streamOnce, withLayers } from "./layered.ts";

// Run by itself: our four layers, which do their work, and four that do none, beside four of the AI SDK's middlewares that do
// none, on stubs that answer at once. Prints the figures of calls and of events, as JSON.

const word = " word";
const text = word.repeat(100);
const usage: LanguageModelV4Usage = {
  inputTokens: { total: 12, noCache: 12, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: chunks, text: chunks, reasoning: 0 },
};
const finishReason = { unified: "stop" as const, raw: "stop" };
const parts: readonly LanguageModelV4StreamPart[] = [
  { type: "stream-start", warnings: [] },
  { type: "text-start", id: "1" },
  ...Array.from({ length: chunks }, () => ({ type: "text-delta" as const, id: "1", delta: word })),
  { type: "text-end", id: "1" },
  { type: "finish", usage, finishReason },
];

const stub = {
  specificationVersion: "v4",
  provider: "stub",
  modelId: "stub",
  supportedUrls: {},
  doGenerate: async () => ({ content: [{ type: "text", text }], finishReason, usage, warnings: [] }),
  doStream: async () => ({
    stream: new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    }),
  }),
} satisfies LanguageModelV4;

/** Gives what the model gives. */
const handing: LanguageModelMiddleware = {
  specificationVersion: "v4",
  wrapGenerate: ({ doGenerate }) => doGenerate(),
  wrapStream: ({ doStream }) => doStream(),
};

/** Sees what passes, as the documentation's example of a middleware does. */
const piping: LanguageModelMiddleware = {
  specificationVersion: "v4",
  wrapGenerate: async ({ doGenerate }) => await doGenerate(),
  async wrapStream({ doStream }) {
    const { stream, ...rest } = await doStream();
    const passing = new TransformStream<LanguageModelV4StreamPart, LanguageModelV4StreamPart>({
      transform(part, controller) {
        controller.enqueue(part);
      },
    });
    return { stream: stream.pipeThrough(passing), ...rest };
  },
};

const four = (middleware: LanguageModelMiddleware) =>
  wrapLanguageModel({ model: stub, middleware: [middleware, middleware, middleware, middleware] });

const plain = "AI SDK";
const [lane] = lanes;
if (lane === undefined) throw new Error("There is no lane.");
const ours = { name: "callscope", lane };

/** Hands on what it is given. */
const passing = (): Layer => ({
  send: (request, next) => next(request),
  stream: (request, next) => next(request),
});
const handed = {
  name: "callscope, four layers that only pass through",
  lane: withLayers(lane, Array.from({ length: 4 }, passing)),
  baseline: ours.name,
};
const layered = { name: `callscope, ${wholeStack}`, lane: withLayers(lane, layersOf(wholeStack)), baseline: ours.name };
const theirs = [
  { name: plain, model: stub, baseline: plain },
  { name: "AI SDK, four that return doGenerate() and doStream()", model: four(handing), baseline: plain },
  { name: "AI SDK, four that pipe through a TransformStream", model: four(piping), baseline: plain },
];

const calls: Contender[] = [
  ...[ours, layered, handed].map(({ lane, ...rest }) => ({ ...rest, run: () => callOnce(lane) })),
  ...theirs.map(({ model, ...rest }) => ({
    ...rest,
    async run() {
      const result = await generateText({ model, prompt: "Recommend a fantasy book" });
      if (result.text.length !== text.length) throw new Error(`${rest.name} gave ${result.text.length} characters.`);
    },
  })),
];
const streams: Contender[] = [
  ...[ours, layered, handed].map(({ lane, ...rest }) => ({ ...rest, run: () => streamOnce(lane) })),
  ...theirs.map(({ model, ...rest }) => ({
    ...rest,
    async run() {
      let seen = 0;
      const { textStream } = streamText({ model, prompt: "Recommend a fantasy book" });
      for await (const piece of textStream) if (piece !== "") seen++;
      if (seen !== chunks) throw new Error(`${rest.name} gave ${seen} of ${chunks} chunks.`);
    },
  })),
];
// Beside the whole of `generateText`, what its middlewares add to a call is lost in the noise: here is the model by itself.
const alone = "AI SDK, its model alone";
const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "Recommend a fantasy book" }] }];
const models: Contender[] = [
  { name: alone, model: stub },
  { name: `${alone}, four that return`, model: four(handing) },
  { name: `${alone}, four that await`, model: four(piping) },
].map(({ name, model }) => ({ name, baseline: alone, run: async () => model.doGenerate({ prompt }) }));
const events = await measure(streams, ours.name, { rounds: 11, warmUp: 300, longest: 1500, units: chunks });
const effort = { rounds: 15, warmUp: 60_000, longest: 4000 };
const whole = [...(await measure(calls, ours.name, effort)), ...(await measure(models, alone, effort))];
console.log(JSON.stringify({ events, whole }));
