import type OpenAI from "openai";
import { toolInstruction, withSystem } from "../../contract/instruction.ts";
import type { CallRequest, Provider } from "../../contract/provider.ts";
import { defaultClient, missingSdk, staysHere, wrongClient } from "../../contract/sdk.ts";
import { toChatRequest, toChatToolMessages } from "../../dialects/chat-completions.ts";
import { mendChatTurn } from "../../dialects/chat-completions-mend.ts";
import type { ChatSupport } from "../../dialects/chat-completions-parts.ts";
import { chatSettings } from "../../dialects/chat-settings.ts";
import { foreignClient, fromEnvironment, openaiChatEvents } from "../../dialects/openai-sdk.ts";
import { readSdkEvents } from "../../dialects/sdk-events.ts";
import { tellProxyHead, tellProxyStream } from "./headers.ts";
import { proxyMessageParam, readProxy, readProxyChunk } from "./read.ts";
import type { LiteLLMTypes } from "./types.ts";
import { pricedByVendor } from "./vendors.ts";

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
  thinks: isToldToThink,
};

/**
 * Behind the proxy, `reasoning_effort` becomes Claude's `thinking`, with which no tool can be forced; which model a name
 * stands for is the proxy's secret. https://docs.litellm.ai/docs/reasoning_content
 */
function isToldToThink(callParams: { readonly reasoning_effort?: unknown; readonly thinking?: unknown }): boolean {
  const { reasoning_effort: effort, thinking } = callParams;
  if (effort != null && effort !== "none" && effort !== "disable") return true;
  return thinking != null && (thinking as { readonly type?: unknown }).type !== "disabled";
}

const environment = ["LITELLM_API_KEY", "LITELLM_BASE_URL", "OPENAI_CUSTOM_HEADERS"];

const ownClient = defaultClient(environment, async () => {
  const baseURL = fromEnvironment("litellm", "LITELLM_BASE_URL");
  const apiKey = fromEnvironment("litellm", "LITELLM_API_KEY");
  const { OpenAI } = await import("openai").catch(missingSdk("openai", "litellm"));
  return new OpenAI({ baseURL, ...foreignClient(apiKey, { authorization: `Bearer ${apiKey}` }) });
});

/**
 * For Cohere the proxy drops `tool_choice` without a word: a tool that is to be forced is asked for in words besides.
 * https://github.com/BerriAI/litellm/blob/main/litellm/llms/cohere/chat/v2_transformation.py (`map_openai_params`)
 */
function askedInWords(neutral: CallRequest<LiteLLMTypes>): CallRequest<LiteLLMTypes> {
  const { output, model, messages } = neutral;
  if (output?.mode !== "tool" || !/^cohere(?:_chat)?\//.test(model)) return neutral;
  return { ...neutral, messages: withSystem(messages, toolInstruction(output.name, true)) };
}

export const provider: Provider<LiteLLMTypes> = {
  name: "litellm",
  kin: ["openai", "azure"],
  owned: ["model", "messages", "stream"],
  settings: chatSettings,
  priced: pricedByVendor,

  fake: async () => (await import("./fake.ts")).fake,

  client(given) {
    if (given === undefined) return ownClient();
    const client = given as OpenAI;
    if (typeof client?.chat?.completions?.create === "function") return client;
    throw wrongClient("litellm", "an OpenAI instance", "chat.completions.create");
  },

  params: (neutral) => toChatRequest(askedInWords(neutral), support),

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
    return tellProxyStream(sent, tell);
  },

  readEvents: (events, http) => readSdkEvents(events, http, openaiChatEvents),

  read: readProxy,

  readChunk: readProxyChunk,

  messageParam: proxyMessageParam,

  mendTurn: mendChatTurn,

  toolMessages: (results) => toChatToolMessages(results, support),
};
