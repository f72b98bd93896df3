import { Mistral } from "@mistralai/mistralai";
import Groq from "groq-sdk";
import OpenAI from "openai";
import type { ProviderName } from "../../src/any-provider.ts";
import { clientAt as anthropicAt } from "../support/anthropic-server.ts";
import { clientAt as cohereAt } from "../support/cohere-server.ts";
import { clientOf as bedrockAt } from "../support/converse-server.ts";
import { geminiClient, vertexClient } from "../support/gemini-server.ts";
import type { RecordedProvider, Recording } from "../support/recordings.ts";

/** One provider, as the tests that go from one to another see it. */
export interface Lane {
  readonly name: ProviderName;
  /** A model of it, and another one to go on with. */
  readonly models: readonly [string, string];
  /** Where its traffic is; empty for one that has none. */
  readonly folders: readonly RecordedProvider[];
  /** Leaves out recordings of another wire in the same folder. */
  speaks?(recording: Recording): boolean;
  /** The SDK's own client for a server of the test's, without retries; `undefined` where there is no wire. */
  client?(url: string): object;
}

const openai = (baseURL: string) => new OpenAI({ apiKey: "test", baseURL, maxRetries: 0, logLevel: "off" });

/** Every provider that can be chosen at run time. */
export const lanes: readonly Lane[] = [
  { name: "openai", models: ["gpt-4o-mini", "gpt-5-mini"], folders: ["openai"], client: openai },
  { name: "openai-responses", models: ["gpt-5-mini", "gpt-4o"], folders: ["openai-responses"], client: openai },
  {
    name: "anthropic",
    models: ["claude-haiku-4-5", "claude-sonnet-5"],
    folders: ["anthropic"],
    client: anthropicAt,
  },
  {
    name: "mistral",
    models: ["mistral-small-latest", "magistral-small-latest"],
    folders: ["mistral"],
    client: (serverURL) => new Mistral({ apiKey: "test", serverURL }),
  },
  { name: "gemini", models: ["gemini-2.5-flash", "gemini-3-pro-preview"], folders: ["gemini"], client: geminiClient },
  { name: "vertex", models: ["gemini-3-pro-preview", "gemini-2.5-flash"], folders: ["vertex"], client: vertexClient },
  {
    name: "groq",
    models: ["openai/gpt-oss-20b", "llama-3.3-70b-versatile"],
    folders: ["groq"],
    client: (baseURL) => new Groq({ apiKey: "test", baseURL, maxRetries: 0 }),
  },
  {
    name: "cohere",
    models: ["command-a-03-2025", "command-a-reasoning-08-2025"],
    folders: ["cohere"],
    speaks: ({ scenario }) => scenario.includes("v2"),
    client: cohereAt,
  },
  // The proxy takes what OpenAI takes: https://docs.litellm.ai/docs/completion/input
  { name: "litellm", models: ["house", "gpt-4o"], folders: ["litellm", "openai"], client: openai },
  {
    name: "azure",
    models: ["gpt-4o", "grok-4-1-fast"],
    folders: ["azure", "azure-openai"],
    speaks: ({ scenario }) => !scenario.includes("responses-api"),
    client: openai,
  },
  {
    name: "bedrock",
    models: ["us.anthropic.claude-haiku-4-5-20251001-v1:0", "us.amazon.nova-lite-v1:0"],
    folders: ["bedrock"],
    client: (url) => bedrockAt(url, 1),
  },
  { name: "local", models: ["default", "other.gguf"], folders: [] },
];
