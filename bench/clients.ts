import Anthropic from "@anthropic-ai/sdk";
import { pooledFetch } from "callscope/fetch";
import OpenAI from "openai";

/** The key that every client sends. */
export const apiKey = "bench";

/** The model that Anthropic's SDK is asked for. */
export const claude = "claude-haiku-4-5";

/** The base URL of a route, as everything that speaks OpenAI's protocol wants it. */
export function base(origin: string, route: string): string {
  return `${origin}/${route}/v1`;
}

/** The official SDK, pointed at a route of the server. */
export function sdkClient(origin: string, route: string): OpenAI {
  return new OpenAI({ apiKey, baseURL: base(origin, route), maxRetries: 0 });
}

/** The same over connections that are kept. */
export function pooledClient(origin: string, route: string): OpenAI {
  return sdkClient(origin, route).withOptions({ fetch: pooledFetch() });
}

/** Anthropic's official SDK. */
export function anthropicClient(origin: string, route: string): Anthropic {
  return new Anthropic({ apiKey, baseURL: `${origin}/${route}`, maxRetries: 0 });
}

/** The same over connections that are kept. */
export function pooledAnthropic(origin: string, route: string): Anthropic {
  return anthropicClient(origin, route).withOptions({ fetch: pooledFetch() });
}
