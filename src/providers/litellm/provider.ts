import type OpenAI from "openai";
import type { Provider } from "../../contract/provider.ts";
import { defaultClient, missingSdk, staysHere, wrongClient } from "../../contract/sdk.ts";
import { toChatRequest, toChatToolMessages } from "../../dialects/chat-completions.ts";
import type { ChatSupport } from "../../dialects/chat-completions-parts.ts";
import { chatMessageParam } from "../../dialects/chat-completions-read.ts";
import { foreignClient, fromEnvironment } from "../../dialects/openai-sdk.ts";
import { tellProxyHead } from "./headers.ts";
import { readProxy, readProxyChunk } from "./read.ts";
import type { LiteLLMTypes } from "./types.ts";

const support: ChatSupport = {
  provider: "litellm",
  kin: ["openai", "azure"],
  // The proxy knows the name that every provider behind it is asked by.
  limit: "max_tokens",
  readsBuckets: true,
  roles: ["developer", "system", "user", "assistant", "tool", "function"],
  parts: ["image", "audio", "document", "cache_control"],
  // https://docs.litellm.ai/docs/completion/prompt_caching: the mark is Anthropic's; the proxy drops it for others.
  cacheMark: (ttl) => ({ cache_control: { type: "ephemeral", ...(ttl !== undefined && { ttl }) } }),
  asksForUsage: true,
};

const environment = ["LITELLM_API_KEY", "LITELLM_BASE_URL", "OPENAI_CUSTOM_HEADERS"];

const ownClient = defaultClient(environment, async () => {
  const baseURL = fromEnvironment("litellm", "LITELLM_BASE_URL");
  const apiKey = fromEnvironment("litellm", "LITELLM_API_KEY");
  const { OpenAI } = await import("openai").catch(missingSdk("openai", "litellm"));
  return new OpenAI({ baseURL, ...foreignClient(apiKey, { authorization: `Bearer ${apiKey}` }) });
});

export const provider: Provider<LiteLLMTypes> = {
  name: "litellm",
  kin: ["openai", "azure"],

  client(given) {
    if (given === undefined) return ownClient();
    const client = given as OpenAI;
    if (typeof client?.chat?.completions?.create === "function") return client;
    throw wrongClient("litellm", "an OpenAI instance", "chat.completions.create");
  },

  params: (neutral) => toChatRequest(neutral, support),

  create(client, request, options, tell) {
    const sent = client.chat.completions.create(request as OpenAI.ChatCompletionCreateParamsNonStreaming, {
      ...options,
      ...staysHere,
    });
    return tellProxyHead(sent, tell);
  },

  stream(client, request, options, tell) {
    const sent = client.chat.completions.create(request as OpenAI.ChatCompletionCreateParamsStreaming, {
      ...options,
      ...staysHere,
    });
    return tellProxyHead(sent, tell);
  },

  read: readProxy,

  readChunk: readProxyChunk,

  messageParam: (response) => chatMessageParam<LiteLLMTypes>(response),

  toolMessages: (results) => toChatToolMessages(results),
};
