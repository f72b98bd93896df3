import { createOpenAI } from "@ai-sdk/openai";
import { ChatOpenAI } from "@langchain/openai";
import { pooledFetch } from "callscope/fetch";
import OpenAI from "openai";
import { model } from "./samples.ts";

const apiKey = "bench";

// The AI SDK's switch for its advice, which is no part of what is measured.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });

/** The official SDK, pointed at a route of the server. */
export function sdkClient(origin: string, route: string): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${origin}/${route}/v1`, maxRetries: 0 });
}

/** The same over connections that are kept. */
export function pooledClient(origin: string, route: string): OpenAI {
  return sdkClient(origin, route).withOptions({ fetch: pooledFetch() });
}

/** The same for the AI SDK. */
export function aiModel(origin: string, route: string) {
  return createOpenAI({ apiKey, baseURL: `${origin}/${route}/v1` }).chat(model);
}

/** The same for LangChain.js. */
export function langChainModel(origin: string, route: string): ChatOpenAI {
  return new ChatOpenAI({ model, apiKey, maxRetries: 0, configuration: { baseURL: `${origin}/${route}/v1` } });
}
