import type Groq from "groq-sdk";
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
} from "groq-sdk/resources/chat/completions";
import { hostOf } from "../../contract/address.ts";
import type { Provider } from "../../contract/provider.ts";
import { defaultClient, missingSdk, staysHere, wrongClient } from "../../contract/sdk.ts";
import { toChatRequest, toChatToolMessages } from "../../dialects/chat-completions.ts";
import { mendChatTurn } from "../../dialects/chat-completions-mend.ts";
import type { ChatSupport } from "../../dialects/chat-completions-parts.ts";
import { chatSettings } from "../../dialects/chat-settings.ts";
import { readSdkEvents } from "../../dialects/sdk-events.ts";
import { groqEvents } from "./events.ts";
import { groqMessageParam, readGroq, readGroqChunk } from "./read.ts";
import type { GroqTypes } from "./types.ts";

// Usage comes unasked, and prompts are cached without a mark. Groq's `document` part holds JSON, not a file: it comes in
// a native message. https://console.groq.com/docs/api-reference#chat-create
const support: ChatSupport = {
  provider: "groq",
  roles: ["developer", "system", "user", "assistant", "tool", "function"],
  parts: ["image"],
  // Its reference gives a tool's message the parts of a user's, which OpenAI's does not.
  resultMedia: ["image"],
  // "json mode cannot be combined with tool/function calling": https://console.groq.com/docs/structured-outputs
  formatsBesideTools: false,
};

// What the SDK's constructor reads, https://github.com/groq/groq-typescript.
const environment = ["GROQ_API_KEY", "GROQ_BASE_URL", "GROQ_LOG", "GROQ_CUSTOM_HEADERS"];

const ownClient = defaultClient(environment, async () => {
  const { Groq } = await import("groq-sdk").catch(missingSdk("groq-sdk", "groq"));
  return new Groq();
});

export const provider: Provider<GroqTypes> = {
  name: "groq",
  owned: ["model", "messages", "stream"],
  settings: chatSettings,
  resultMedia: ["image"],
  hosts: /^api\.groq\.com$/,

  fake: async () => (await import("./fake.ts")).fake,

  batch: async () => (await import("./batch.ts")).batch,

  client(given) {
    if (given === undefined) return ownClient();
    const client = given as Groq;
    // An OpenAI client has the same method, and would send the path of another service.
    if (typeof client?.chat?.completions?.create === "function" && !("responses" in client)) return client;
    throw wrongClient("groq", "a Groq instance", "chat.completions.create of its own");
  },

  address: (client) => hostOf(client?.baseURL),

  params: (neutral) => toChatRequest(neutral, support),

  create(client, request, options) {
    return client.chat.completions.create(request as ChatCompletionCreateParamsNonStreaming, {
      ...options,
      ...staysHere,
    });
  },

  stream(client, request, options) {
    return client.chat.completions.create(request as ChatCompletionCreateParamsStreaming, { ...options, ...staysHere });
  },

  readEvents: (events, http) => readSdkEvents(events, http, groqEvents),

  read: readGroq,

  readChunk: readGroqChunk,

  messageParam: groqMessageParam,

  mendTurn: mendChatTurn,

  toolMessages: (results) => toChatToolMessages(results, support),
};
