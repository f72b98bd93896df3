import type OpenAI from "openai";
import { hostOf, isLoopback } from "../../../contract/address.ts";
import { environmentValue } from "../../../contract/environment-value.ts";
import type { Provider, Reading } from "../../../contract/provider.ts";
import { defaultClient, missingSdk, staysHere } from "../../../contract/sdk.ts";
import { toChatRequest, toChatToolMessages } from "../../../dialects/chat-completions.ts";
import { mendChatTurn } from "../../../dialects/chat-completions-mend.ts";
import type { ChatSupport } from "../../../dialects/chat-completions-parts.ts";
import { chatMessageParam, readChat } from "../../../dialects/chat-completions-read.ts";
import { readChatChunk } from "../../../dialects/chat-completions-stream.ts";
import { chatSettings } from "../../../dialects/chat-settings.ts";
import { foreignClient, openaiChatEvents } from "../../../dialects/openai-sdk.ts";
import { readSdkEvents } from "../../../dialects/sdk-events.ts";
import { ConfigError } from "../../../errors/errors.ts";
import type { Preset } from "./presets.ts";
import type { CompatibleTypes } from "./types.ts";

/** OpenAI's wire at another address, as a provider of its own: its name stands in all that is told of it. */
export function providerOf(service: Preset): Provider<CompatibleTypes> {
  const { name, baseURL } = service;
  const support = supportOf(service);
  const ownClient = clientOf(service);
  const hosts = hostsOf(baseURL);
  const telemetry = { provider: service.telemetryName ?? name };
  return {
    name,
    owned: ["model", "messages", "stream"],
    settings: chatSettings,
    telemetry: () => telemetry,
    ...(hosts && { hosts }),

    fake: async () => (await import("./fake.ts")).fakeOf(name),

    client(given) {
      if (given === undefined) return ownClient();
      const client = given as OpenAI;
      if (typeof client?.chat?.completions?.create === "function") return client;
      throw new ConfigError(
        `compatible("${name}") takes an OpenAI instance as its client; the one given has no chat.completions.create.`,
      );
    },

    address: (client) => hostOf(client?.baseURL ?? baseURL),

    params: (neutral) => toChatRequest(neutral, support),

    create(client, request, options) {
      return client.chat.completions.create(request as OpenAI.Chat.ChatCompletionCreateParamsNonStreaming, {
        ...options,
        ...staysHere,
      });
    },

    stream(client, request, options) {
      return client.chat.completions.create(request as OpenAI.Chat.ChatCompletionCreateParamsStreaming, {
        ...options,
        ...staysHere,
      });
    },

    readEvents: (events, http) => readSdkEvents(events, http, openaiChatEvents),

    read(response) {
      const reading = readChat<CompatibleTypes>(name, response);
      return service.tellsCost ? withCost(reading) : reading;
    },

    readChunk: (chunk, draft) => readChatChunk<CompatibleTypes>(chunk, draft),

    messageParam: (response) => chatMessageParam<CompatibleTypes>(response),

    mendTurn: mendChatTurn,

    toolMessages: (results) => toChatToolMessages(results, support),
  };
}

function supportOf({ name, forcesTools, asksForUsage = true, thinks, cacheMark }: Preset): ChatSupport {
  return {
    provider: name,
    // Its newer name is OpenAI's own; the older one is what those who speak the wire know.
    limit: "max_tokens",
    roles: ["developer", "system", "user", "assistant", "tool", "function"],
    parts: ["image", "audio", "document", ...(cacheMark ? (["cache_control"] as const) : [])],
    asksForUsage,
    ...(cacheMark && { cacheMark }),
    ...(forcesTools === false ? { thinks: () => true } : thinks && { thinks }),
  };
}

function clientOf({ name, baseURL, apiKey, apiKeyFrom, keyIsOptional }: Preset) {
  const variables = [...(apiKeyFrom === undefined ? [] : [apiKeyFrom]), "OPENAI_CUSTOM_HEADERS"];
  return defaultClient(variables, async () => {
    const key = apiKey ?? (apiKeyFrom === undefined ? undefined : environmentValue(apiKeyFrom)?.trim());
    if (!key && apiKeyFrom !== undefined && !keyIsOptional) {
      throw new ConfigError(
        `compatible("${name}") makes its client with the key in ${apiKeyFrom}, which is not set: set it, or give \`apiKey\` or a client.`,
      );
    }
    const { OpenAI } = await import("openai").catch(missingSdk("openai", "openai"));
    return new OpenAI({ baseURL, ...(key ? foreignClient(key, { authorization: `Bearer ${key}` }) : foreignClient()) });
  });
}

/** The hosts whose answers a price list of this name is about; none for a machine of one's own. */
function hostsOf(baseURL: string): RegExp | undefined {
  const { hostname } = new URL(baseURL);
  return isLoopback(hostname) ? undefined : new RegExp(`^${hostname.replace(/[^\w-]/g, "\\$&")}$`);
}

interface Charged {
  readonly cost?: unknown;
  readonly is_byok?: unknown;
}

/** With a key of the caller's own at the maker of the model, what is told is the fee alone. */
function withCost(reading: Reading<CompatibleTypes>): Reading<CompatibleTypes> {
  const { cost, is_byok } = (reading.usage ?? {}) as Charged;
  const known = typeof cost === "number" && Number.isFinite(cost) && cost >= 0 && is_byok !== true;
  // Made a moment ago, and nobody else's yet; its tokens are an accessor, which a copy would lose.
  return known ? Object.assign(reading, { cost }) : reading;
}
