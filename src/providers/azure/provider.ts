import type OpenAI from "openai";
import type { Provider } from "../../contract/provider.ts";
import { staysHere, wrongClient } from "../../contract/sdk.ts";
import { toChatRequest, toChatToolMessages } from "../../dialects/chat-completions.ts";
import type { ChatSupport } from "../../dialects/chat-completions-parts.ts";
import { chatMessageParam, readChat } from "../../dialects/chat-completions-read.ts";
import { readChatChunk } from "../../dialects/chat-completions-stream.ts";
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

export const provider: Provider<AzureTypes> = {
  name: "azure",
  kin: ["openai"],

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

  params: (neutral) => toChatRequest(neutral, support),

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

  read: (response) => readChat<AzureTypes>("azure", response),

  readChunk: (chunk, draft) => readChatChunk<AzureTypes>(chunk, draft),

  messageParam: (response) => chatMessageParam<AzureTypes>(response),

  toolMessages: (results) => toChatToolMessages(results),
};
