import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import * as z from "zod";
import type { TypedCall } from "../../../src/call/types.ts";
import type { ProviderTypes } from "../../../src/contract/provider.ts";
import { anthropic } from "../../../src/providers/anthropic/index.ts";
import { gemini } from "../../../src/providers/gemini/index.ts";
import { litellm } from "../../../src/providers/litellm/index.ts";
import type { CallResponse } from "../../../src/read/response.ts";
import type { Stream } from "../../../src/read/stream.ts";
import { tool } from "../../../src/tools/tool.ts";

// The proxy speaks three formats: the same calls in each.

/** What is asked of the proxy. */
export interface Request {
  /** A model group of the proxy. */
  readonly model: string;
  readonly key?: string;
  /** What a stream is asked; by default for the capital of France. */
  readonly words?: string;
  /** 24 by default. */
  readonly maxTokens?: number;
  readonly callParams?: object;
  readonly options?: object;
}

/** One format of the proxy's, reached through the provider and the SDK that speak it. */
export interface Lane {
  readonly name: string;
  /** A call whose types do not matter to the test. Temperature 0. */
  bind(url: string, request: Request): TypedCall<ProviderTypes, [words: string], Promise<CallResponse>>;
  stream(url: string, request: Request): Stream;
  extract(url: string, request: Request): Promise<{ value: unknown; response: CallResponse }>;
}

const say = (words: string) => words;

const question = "Which city is the capital of France?";

/** What is to be made of the answer. The bounds keep a small model from endless words. */
export const Capital = z.object({ city: z.string().max(20), country: z.string().max(20) });

/** Offered with a question that needs it. */
export const weather = tool({
  name: "get_weather",
  description: "The weather in a city",
  parameters: z.object({ city: z.string().max(20) }),
  call: ({ city }) => `Sunny in ${city}`,
});

/** A client of each SDK for the proxy, none of which repeats a request. */
export const clients = {
  litellm: (url: string, key = "sk-owner") => new OpenAI({ apiKey: key, baseURL: url, maxRetries: 0 }),
  anthropic: (url: string, key = "sk-owner") => new Anthropic({ apiKey: key, baseURL: url, maxRetries: 0 }),
  gemini: (url: string, key = "sk-owner") =>
    new GoogleGenAI({ apiKey: key, apiVersion: "v1beta", httpOptions: { baseUrl: url } }),
} as const;

/** The formats: OpenAI's, as `callscope/litellm` speaks it, Anthropic's and Google's. */
export const lanes = {
  litellm: laneOf("litellm", litellm.call, "max_tokens"),
  anthropic: laneOf("anthropic", anthropic.call, "max_tokens"),
  gemini: laneOf("gemini", gemini.call, "maxOutputTokens"),
} as const;

type Bound = (words: string) => unknown;

function laneOf(name: keyof typeof clients, call: unknown, limit: string): Lane {
  // The tests say by values what the overloads of `Call` say by types.
  const any = call as (model: string, options: object, prompt: typeof say) => Bound;
  const bind = (url: string, { model, key, maxTokens = 24, callParams, options }: Request, more?: object): Bound => {
    const params = { [limit]: maxTokens, temperature: 0, ...callParams };
    return any(model, { client: clients[name](url, key), callParams: params, ...options, ...more }, say);
  };
  return {
    name,
    bind: (url, request) => bind(url, request) as unknown as ReturnType<Lane["bind"]>,
    stream: (url, request) => bind(url, request, { stream: true })(request.words ?? question) as Stream,
    extract(url, request) {
      const asked = bind(url, { maxTokens: 80, ...request }, { responseModel: Capital })(question);
      return (asked as { withResponse(): ReturnType<Lane["extract"]> }).withResponse();
    },
  };
}
