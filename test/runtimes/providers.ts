import Anthropic from "@anthropic-ai/sdk";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import ModelClient from "@azure-rest/ai-inference";
import { GoogleGenAI } from "@google/genai";
import { Mistral } from "@mistralai/mistralai";
import { CohereClientV2 } from "cohere-ai";
import Groq from "groq-sdk";
import OpenAI from "openai";

// Every provider that is reached over HTTP, through its own SDK as a browser or a worker has it: one call, one stream.

const apiKey = "sk-secret";
const inBrowser = { dangerouslyAllowBrowser: true, maxRetries: 0 } as const;
const openai = (baseURL: string) => new OpenAI({ apiKey, baseURL, ...inBrowser });

/** A client of each, by the name of its lane among the tests of the contract. */
const clients = {
  openai,
  "openai.responses": openai,
  anthropic: (baseURL) => new Anthropic({ apiKey, baseURL, ...inBrowser }),
  mistral: (serverURL) => new Mistral({ apiKey, serverURL, retryConfig: { strategy: "none" } }),
  gemini: (baseUrl) => new GoogleGenAI({ enterprise: false, apiKey, httpOptions: { baseUrl } }),
  // The older name of `enterprise`, which its build for browsers does not know.
  vertex: (baseUrl) => new GoogleGenAI({ vertexai: true, apiKey, httpOptions: { baseUrl } }),
  groq: (baseURL) => new Groq({ apiKey, baseURL, ...inBrowser }),
  cohere: (baseUrl) => new CohereClientV2({ token: apiKey, baseUrl, maxRetries: 0 }),
  litellm: openai,
  "azure (openai)": openai,
  "azure (ai-inference)": (url) => ModelClient(url, { key: apiKey }, { allowInsecureConnection: true }),
  bedrock: (endpoint) =>
    new BedrockRuntimeClient({
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "AKIA", secretAccessKey: apiKey },
    }),
} as const satisfies Readonly<Record<string, (url: string) => object>>;

/** The names in order, which are the paths at which the server answers them. */
export const names: readonly (keyof typeof clients)[] = Object.keys(clients) as (keyof typeof clients)[];

type Asked = () => PromiseLike<{ readonly content: string }>;
type Streamed = () => AsyncIterable<readonly [{ readonly content: string }, ...unknown[]]>;
/** A provider's `call`, of which the types differ and nothing else. */
export type AnyCall = (model: string, options: object, prompt: () => string) => unknown;

/** What each says, whole and streamed, or why it does not. */
export async function askAll(calls: Readonly<Record<string, AnyCall>>, url: string): Promise<Record<string, string>> {
  const said: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const call = calls[name];
    if (call === undefined) continue;
    try {
      const client = clients[name](`${url}/providers/${index}`);
      const { content } = await (call("model", { client }, () => "Hi") as Asked)();
      let text = "";
      for await (const [chunk] of (call("model", { client, stream: true }, () => "Hi") as Streamed)()) {
        text += chunk.content;
      }
      said[name] = `${content} ${text}`;
    } catch (error) {
      said[name] = String(error);
    }
  }
  return said;
}
