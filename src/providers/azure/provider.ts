import type OpenAI from "openai";
import { hostOf } from "../../contract/address.ts";
import type { Provider } from "../../contract/provider.ts";
import { staysHere, wrongClient } from "../../contract/sdk.ts";
import { toChatRequest, toChatToolMessages } from "../../dialects/chat-completions.ts";
import { mendChatTurn } from "../../dialects/chat-completions-mend.ts";
import type { ChatSupport } from "../../dialects/chat-completions-parts.ts";
import { chatMessageParam, readChat } from "../../dialects/chat-completions-read.ts";
import { readChatChunk } from "../../dialects/chat-completions-stream.ts";
import { chatSettings } from "../../dialects/chat-settings.ts";
import { openaiChatEvents } from "../../dialects/openai-sdk.ts";
import { readSdkEvents } from "../../dialects/sdk-events.ts";
import { ownClient } from "./client.ts";
import { createByRest, isRest, streamByRest } from "./rest.ts";
import type { RestClient } from "./rest-types.ts";
import type { AzureTypes } from "./types.ts";

// Neither files nor cache marks: https://learn.microsoft.com/azure/ai-foundry/openai/latest (chat completions).
const support: ChatSupport = {
  provider: "azure",
  kin: ["openai"],
  roles: ["developer", "system", "user", "assistant", "tool", "function"],
  parts: ["image", "audio"],
  asksForUsage: true,
};

const joinedByRest = "Texts of a message are joined where the client is that of @azure-rest/ai-inference";

export const provider: Provider<AzureTypes> = {
  name: "azure",
  kin: ["openai"],
  owned: ["model", "messages", "stream"],
  settings: chatSettings,
  // The address is that of Azure OpenAI or of the inference service; which it is, the client's kind says.
  telemetry: (client) => ({
    provider: client !== undefined && isRest(client) ? "azure.ai.inference" : "azure.ai.openai",
  }),
  hosts: /\.(?:openai|services\.ai|cognitiveservices|models\.ai|inference\.ml|inference\.ai)\.azure\.com$/,

  fake: async () => (await import("./fake.ts")).fake,

  batch: async () => (await import("./batch.ts")).batch,

  client(given) {
    if (given === undefined) return ownClient();
    const client = given as OpenAI | RestClient | null;
    if (client && (isRest(client) || typeof client.chat?.completions?.create === "function")) return client;
    throw wrongClient(
      "azure",
      "an OpenAI or AzureOpenAI instance or a client of @azure-rest/ai-inference",
      "chat.completions.create or path",
    );
  },

  // The older client does not tell where it sends to.
  // https://learn.microsoft.com/azure/ai-foundry/openai/overview#image-input-tokens, as OpenAI counts.
  mediaTokens: (part) => (part.type !== "image" ? undefined : part.detail === "low" ? 85 : 765),

  address: (client) => (client === undefined || isRest(client) ? undefined : hostOf(client.baseURL)),

  params(neutral) {
    const native = toChatRequest(neutral, support);
    // Which client sends it is not known here: a call may be prepared without one.
    for (const { role, content } of native.messages) {
      if (role !== "user" && Array.isArray(content) && content.length > 1) neutral.note?.(joinedByRest);
    }
    return native;
  },

  create(client, request, options, tell) {
    if (isRest(client)) return createByRest(client, request, options, tell);
    return client.chat.completions.create(request as OpenAI.ChatCompletionCreateParamsNonStreaming, {
      ...options,
      ...staysHere,
    });
  },

  stream(client, request, options, tell) {
    if (isRest(client)) return streamByRest(client, request, options, tell);
    return client.chat.completions.create(request as OpenAI.ChatCompletionCreateParamsStreaming, {
      ...options,
      ...staysHere,
    });
  },

  readEvents: (events, http) => readSdkEvents(events, http, openaiChatEvents),

  read: (response) => readChat<AzureTypes>("azure", response),

  readChunk: (chunk, draft) => readChatChunk<AzureTypes>(chunk, draft),

  messageParam: (response) => chatMessageParam<AzureTypes>(response),

  mendTurn: mendChatTurn,

  toolMessages: (results) => toChatToolMessages(results, support),
};
