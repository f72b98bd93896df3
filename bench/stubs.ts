import type Anthropic from "@anthropic-ai/sdk";
import { type BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import type { GoogleGenAI } from "@google/genai";
import type { Mistral } from "@mistralai/mistralai";
import { anthropic } from "callscope/anthropic";
import { azure } from "callscope/azure";
import { bedrock } from "callscope/bedrock";
import { cohere } from "callscope/cohere";
import { gemini } from "callscope/gemini";
import { groq } from "callscope/groq";
import { litellm } from "callscope/litellm";
import { local } from "callscope/local";
import { mistral } from "callscope/mistral";
import { openai } from "callscope/openai";
import { vertex } from "callscope/vertex";
import type { CohereClientV2 } from "cohere-ai";
import type Groq from "groq-sdk";
import type OpenAI from "openai";
import { model, recommend } from "./samples.ts";
import * as wire from "./stub-answers.ts";

// Clients that answer at once from memory: what is left is the cost of our layer.

/** One provider on a stub: through callscope, and straight to the stub. */
export interface Lane {
  readonly name: string;
  /** How many text chunks a stream has. */
  readonly chunks: number;
  readonly call: (genre: string) => PromiseLike<{ readonly content: string }>;
  readonly stream: (genre: string) => AsyncIterable<readonly [{ readonly content: string }, unknown]>;
  readonly bareCall: () => Promise<unknown>;
  readonly bareStream: () => AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>;
}

// A stub has only the methods that a call uses, so it is no whole client to the compiler.
function stub<Client extends object>(methods: object): Client {
  return methods as unknown as Client;
}

async function* each<Event>(events: readonly Event[]): AsyncGenerator<Event, undefined> {
  for (const event of events) yield event;
}

interface Sent {
  readonly stream?: boolean;
}

/** What the SDKs made by Stainless return: a promise that can also tell of the HTTP response. */
function answered(answer: unknown, events: readonly unknown[], { stream }: Sent) {
  const data = stream ? each(events) : answer;
  const promise = Promise.resolve(data);
  return Object.assign(promise, { withResponse: async () => ({ data: await promise, response: { headers } }) });
}

const headers = new Headers();
const chat = { completions: { create: (sent: Sent) => answered(wire.chatAnswer, wire.chatChunks, sent) } };
const openaiClient = stub<OpenAI>({
  chat,
  responses: { create: (sent: Sent) => answered(wire.responsesAnswer, wire.responsesEvents, sent) },
});
const groqClient = stub<Groq>({
  chat: { completions: { create: (sent: Sent) => answered(wire.chatAnswer, wire.groqChunks, sent) } },
});
const anthropicClient = stub<Anthropic>({
  messages: { create: (sent: Sent) => answered(wire.anthropicAnswer, wire.anthropicEvents, sent) },
});
const mistralClient = stub<Mistral>({
  chat: { complete: async () => wire.mistralAnswer, stream: async () => each(wire.mistralEvents) },
});
const google = {
  models: {
    generateContent: async () => wire.geminiAnswer,
    generateContentStream: async () => each(wire.geminiChunks),
  },
};
const geminiClient = stub<GoogleGenAI>({ ...google, vertexai: false });
const vertexClient = stub<GoogleGenAI>({ ...google, vertexai: true });
const cohereClient = stub<CohereClientV2>({
  chat: async () => wire.cohereAnswer,
  chatStream: async () => each(wire.cohereEvents),
});
const bedrockClient = stub<BedrockRuntimeClient>({
  send: async (command: object) =>
    command instanceof ConverseCommand
      ? wire.bedrockAnswer
      : { stream: each(wire.bedrockEvents), $metadata: wire.bedrockAnswer.$metadata },
});
type Generate = (request: object, emit: (chunk: object) => void) => Promise<void>;
const generate: Generate = async ({ stream }: Sent, emit) => {
  for (const chunk of stream ? wire.localChunks : wire.localAnswer) emit(chunk);
};
const localClient = stub<NonNullable<local.CallOptions["client"]>>({ generate });

/** Those that other measurements call through. */
export const stubClients = { openai: openaiClient, anthropic: anthropicClient };

const ask: Sent = {};
const askStream: Sent = { stream: true };
const { chunks } = wire;
const converse = { modelId: model, messages: [{ role: "user" as const, content: [{ text: recommend("fantasy") }] }] };

/** Straight to a stub of the family of SDKs whose one method does both. */
function direct(create: (sent: Sent) => PromiseLike<unknown>): Pick<Lane, "bareCall" | "bareStream"> {
  return {
    bareCall: async () => create(ask),
    bareStream: async () => (await create(askStream)) as AsyncIterable<unknown>,
  };
}

const chatStub = direct((sent) => answered(wire.chatAnswer, wire.chatChunks, sent));

/** Every provider. */
export const lanes: readonly Lane[] = [
  {
    name: "openai",
    chunks,
    call: openai.call(model, { client: openaiClient }, recommend),
    stream: openai.call(model, { client: openaiClient, stream: true }, recommend),
    ...chatStub,
  },
  {
    name: "openai.responses",
    chunks,
    call: openai.responses.call(model, { client: openaiClient }, recommend),
    stream: openai.responses.call(model, { client: openaiClient, stream: true }, recommend),
    ...direct((sent) => answered(wire.responsesAnswer, wire.responsesEvents, sent)),
  },
  {
    name: "anthropic",
    chunks,
    call: anthropic.call(model, { client: anthropicClient }, recommend),
    stream: anthropic.call(model, { client: anthropicClient, stream: true }, recommend),
    ...direct((sent) => answered(wire.anthropicAnswer, wire.anthropicEvents, sent)),
  },
  {
    name: "mistral",
    chunks,
    call: mistral.call(model, { client: mistralClient }, recommend),
    stream: mistral.call(model, { client: mistralClient, stream: true }, recommend),
    bareCall: async () => wire.mistralAnswer,
    bareStream: async () => each(wire.mistralEvents),
  },
  {
    name: "gemini",
    chunks,
    call: gemini.call(model, { client: geminiClient }, recommend),
    stream: gemini.call(model, { client: geminiClient, stream: true }, recommend),
    bareCall: google.models.generateContent,
    bareStream: google.models.generateContentStream,
  },
  {
    name: "vertex",
    chunks,
    call: vertex.call(model, { client: vertexClient }, recommend),
    stream: vertex.call(model, { client: vertexClient, stream: true }, recommend),
    bareCall: google.models.generateContent,
    bareStream: google.models.generateContentStream,
  },
  {
    name: "groq",
    chunks,
    call: groq.call(model, { client: groqClient }, recommend),
    stream: groq.call(model, { client: groqClient, stream: true }, recommend),
    ...direct((sent) => answered(wire.chatAnswer, wire.groqChunks, sent)),
  },
  {
    name: "cohere",
    chunks,
    call: cohere.call(model, { client: cohereClient }, recommend),
    stream: cohere.call(model, { client: cohereClient, stream: true }, recommend),
    bareCall: async () => wire.cohereAnswer,
    bareStream: async () => each(wire.cohereEvents),
  },
  {
    name: "litellm",
    chunks,
    call: litellm.call(model, { client: openaiClient }, recommend),
    stream: litellm.call(model, { client: openaiClient, stream: true }, recommend),
    ...chatStub,
  },
  {
    name: "azure",
    chunks,
    call: azure.call(model, { client: openaiClient }, recommend),
    stream: azure.call(model, { client: openaiClient, stream: true }, recommend),
    ...chatStub,
  },
  {
    name: "bedrock",
    chunks,
    call: bedrock.call(model, { client: bedrockClient }, recommend),
    stream: bedrock.call(model, { client: bedrockClient, stream: true }, recommend),
    bareCall: () => bedrockClient.send(new ConverseCommand(converse)),
    bareStream: async () => (await bedrockClient.send(new ConverseStreamCommand(converse))).stream ?? each([]),
  },
  {
    name: "local",
    chunks,
    call: local.call("default", { client: localClient }, recommend),
    stream: local.call("default", { client: localClient, stream: true }, recommend),
    bareCall: () => generate(ask, () => {}),
    async bareStream() {
      const emitted: object[] = [];
      await generate(askStream, (chunk) => emitted.push(chunk));
      return each(emitted);
    },
  },
];
