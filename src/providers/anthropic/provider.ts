import type Anthropic from "@anthropic-ai/sdk";
import { hostOf } from "../../contract/address.ts";
import type { Provider } from "../../contract/provider.ts";
import { defaultClient, missingSdk, staysHere, wrongClient } from "../../contract/sdk.ts";
import { settingsBy } from "../../contract/settings.ts";
import { readSdkEvents } from "../../dialects/sdk-events.ts";
import { resultMedia } from "./blocks.ts";
import { anthropicEvents } from "./events.ts";
import { toToolMessages } from "./messages.ts";
import { timeToWait, toRequest } from "./params.ts";
import { readMessage } from "./read.ts";
import { readEvent } from "./stream.ts";
import { mendTurn, toAssistantMessage } from "./turn.ts";
import type { AnthropicTypes } from "./types.ts";

// What the SDK's constructor and its credential chain read:
// https://platform.claude.com/docs/en/cli-sdks-libraries/sdks/typescript.
const environment = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_AUTH_TOKEN",
  "ANTHROPIC_BASE_URL",
  "ANTHROPIC_CUSTOM_HEADERS",
  "ANTHROPIC_PROFILE",
  "ANTHROPIC_CONFIG_DIR",
  "ANTHROPIC_IDENTITY_TOKEN",
  "ANTHROPIC_IDENTITY_TOKEN_FILE",
  "ANTHROPIC_FEDERATION_RULE_ID",
  "ANTHROPIC_ORGANIZATION_ID",
  "ANTHROPIC_SERVICE_ACCOUNT_ID",
  "ANTHROPIC_WORKSPACE_ID",
  "ANTHROPIC_SCOPE",
];

const ownClient = defaultClient(environment, async () => {
  const { Anthropic } = await import("@anthropic-ai/sdk").catch(missingSdk("@anthropic-ai/sdk", "anthropic"));
  return new Anthropic();
});

// What a client waits for when nobody said how long, in milliseconds.
const sdkTimeout = 600_000;

export const provider: Provider<AnthropicTypes> = {
  name: "anthropic",
  owned: ["model", "messages", "stream"],
  settings: settingsBy({
    temperature: "temperature",
    maxTokens: "max_tokens",
    topP: "top_p",
    topK: "top_k",
    stop: "stop_sequences",
    reasoning: "output_config.effort",
    form: "output_config.format.type",
  }),
  cachesTools: true,
  resultMedia,
  hosts: /^api\.anthropic\.com$/,

  fake: async () => (await import("./fake.ts")).fake,

  batch: async () => (await import("./batch.ts")).batch,

  client(given) {
    if (given === undefined) return ownClient();
    const client = given as AnthropicTypes["Client"] | null;
    if (typeof client?.messages?.create === "function") return client;
    throw wrongClient("anthropic", "an Anthropic client (AnthropicBedrock and its like are, too)", "messages.create");
  },

  // The most a picture of the usual models comes to: https://platform.claude.com/docs/en/build-with-claude/vision#image-costs
  mediaTokens: ({ type }) => (type === "image" ? 1600 : undefined),

  address: (client) => hostOf((client as { baseURL?: string } | undefined)?.baseURL),

  params: toRequest,

  create(client, request, options) {
    // A limit of the caller's own stands, on the call or on the client.
    const timeout = (client as { readonly timeout?: unknown }).timeout === sdkTimeout ? timeToWait(request) : undefined;
    const limited = timeout === undefined ? options : { timeout, ...options };
    return client.messages.create(request as Anthropic.MessageCreateParamsNonStreaming, { ...limited, ...staysHere });
  },

  stream(client, request, options) {
    return client.messages.create(request as Anthropic.MessageCreateParamsStreaming, { ...options, ...staysHere });
  },

  readEvents: (events, http) => readSdkEvents(events, http, anthropicEvents),

  read: readMessage,

  readChunk: readEvent,

  messageParam: toAssistantMessage,

  mendTurn,

  toolMessages: toToolMessages,
};
