import { Anthropic } from "@anthropic-ai/sdk";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import ModelClient from "@azure-rest/ai-inference";
import { GoogleGenAI } from "@google/genai";
import { Mistral } from "@mistralai/mistralai";
import { CohereClientV2 } from "cohere-ai";
import Groq from "groq-sdk";
import OpenAI, { AzureOpenAI } from "openai";
import { anthropic } from "../../src/providers/anthropic/index.ts";
import { azure } from "../../src/providers/azure/index.ts";
import { bedrock } from "../../src/providers/bedrock/index.ts";
import { cohere } from "../../src/providers/cohere/index.ts";
import { gemini } from "../../src/providers/gemini/index.ts";
import { groq } from "../../src/providers/groq/index.ts";
import { litellm } from "../../src/providers/litellm/index.ts";
import { mistral } from "../../src/providers/mistral/index.ts";
import { openai } from "../../src/providers/openai/index.ts";
import { vertex } from "../../src/providers/vertex/index.ts";

/** A call on any provider, as far as tests of all of them use it. */
export type AnyCall = (model: string, options?: object) => (write: unknown) => AnyBound;
export type AnyBound = (...args: unknown[]) => Promise<{ readonly content: string }> & AsyncIterable<unknown>;

/** One wire, and a client of its SDK that retries by itself. */
export interface RetryingWire {
  readonly name: string;
  readonly call: AnyCall;
  clientOf(url: string): object;
}

// What the tests use of a call is the same for every provider, which its own types would hide in a union.
const any = (call: unknown) => call as AnyCall;
const google = (url: string, vertexai: boolean) =>
  new GoogleGenAI({
    apiKey: "k",
    vertexai,
    httpOptions: { baseUrl: url, retryOptions: { attempts: 3, initialDelay: 0.001, maxDelay: 0.002 } as object },
  });
const chat = (url: string) => new OpenAI({ apiKey: "k", baseURL: url, maxRetries: 2, logLevel: "off" });
const fast = { initialInterval: 1, maxInterval: 2, exponent: 1, maxElapsedTime: 300 };

/** All wires whose SDK lets a request switch its retries off. */
export const retryingWires: readonly RetryingWire[] = [
  { name: "openai", call: any(openai.call), clientOf: chat },
  { name: "openai.responses", call: any(openai.responses.call), clientOf: chat },
  {
    name: "anthropic",
    call: any(anthropic.call),
    clientOf: (url) => new Anthropic({ apiKey: "k", baseURL: url, maxRetries: 2, logLevel: "off" }),
  },
  {
    name: "mistral",
    call: any(mistral.call),
    clientOf: (url) =>
      new Mistral({
        apiKey: "k",
        serverURL: url,
        retryConfig: { strategy: "backoff", backoff: fast, retryConnectionErrors: true },
      }),
  },
  { name: "gemini", call: any(gemini.call), clientOf: (url) => google(url, false) },
  { name: "vertex", call: any(vertex.call), clientOf: (url) => google(url, true) },
  {
    name: "groq",
    call: any(groq.call),
    clientOf: (url) => new Groq({ apiKey: "k", baseURL: url, maxRetries: 2, logLevel: "off" }),
  },
  {
    name: "cohere",
    call: any(cohere.call),
    clientOf: (url) => new CohereClientV2({ token: "k", baseUrl: url, maxRetries: 2 }),
  },
  { name: "litellm", call: any(litellm.call), clientOf: chat },
  {
    name: "azure",
    call: any(azure.call),
    clientOf: (url) =>
      new AzureOpenAI({ apiKey: "k", endpoint: url, apiVersion: "2024-10-21", maxRetries: 2, logLevel: "off" }),
  },
  {
    name: "bedrock",
    call: any(bedrock.call),
    clientOf: (url) =>
      new BedrockRuntimeClient({
        region: "us-east-1",
        endpoint: url,
        maxAttempts: 3,
        credentials: { accessKeyId: "none", secretAccessKey: "none" },
      }),
  },
];

/** Azure's REST client: its retries are a part of its pipeline, which no request can change. */
export const azureRest: RetryingWire = {
  name: "azure (REST)",
  call: any(azure.call),
  clientOf: (url) =>
    ModelClient(
      url,
      { key: "k" },
      {
        allowInsecureConnection: true,
        retryOptions: { maxRetries: 1, retryDelayInMs: 1, maxRetryDelayInMs: 2 },
      },
    ),
};
