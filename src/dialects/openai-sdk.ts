import type OpenAI from "openai";
import { environmentValue } from "../contract/environment-value.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { ConfigError } from "../errors/errors.ts";
import { type EventRules, parseData, tellsError, verdict } from "./sdk-events.ts";

// What every provider has in common that is reached through the official `openai` package.

type Chat = OpenAI.Chat.Completions.ChatCompletionCreateParams;

/** Chat Completions as the `openai` package types them, whoever's address its client has. */
export interface OpenAISdkTypes extends ProviderTypes {
  Client: OpenAI;
  Params: Omit<Chat, "model" | "messages" | "stream">;
  Request: Chat;
  Message: OpenAI.ChatCompletionMessageParam;
  Response: OpenAI.ChatCompletion;
  Chunk: OpenAI.ChatCompletionChunk;
  FinishReason: OpenAI.ChatCompletion.Choice["finish_reason"];
  Usage: OpenAI.CompletionUsage;
  ToolCall: OpenAI.ChatCompletionMessageToolCall;
  AssistantMessage: OpenAI.ChatCompletionAssistantMessageParam;
  ToolMessage: OpenAI.ChatCompletionToolMessageParam;
}

/** An environment variable a default client cannot do without. Throws `ConfigError`. */
export function fromEnvironment(provider: string, name: string): string {
  const value = environmentValue(name)?.trim();
  if (value) return value;
  throw new ConfigError(
    `callscope/${provider} makes its client from ${name}, which is not set: set it or give a client.`,
  );
}

/**
 * Options for a client of somebody else's service: none of the settings that are meant for OpenAI, which the SDK reads
 * from `OPENAI_*` unless told otherwise, reach it. Without a key none is sent.
 * https://github.com/openai/openai-node#configuration
 */
export function foreignClient(apiKey?: string, authorization: Readonly<Record<string, string>> = {}) {
  const lines = environmentValue("OPENAI_CUSTOM_HEADERS")?.split("\n") ?? [];
  const names = lines.filter((line) => line.includes(":")).map((line) => line.slice(0, line.indexOf(":")).trim());
  const keyless = apiKey === undefined ? { authorization: null } : {};
  return {
    // The SDK makes no client without one.
    apiKey: apiKey ?? "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    ...((names.length > 0 || apiKey === undefined) && {
      defaultHeaders: {
        ...Object.fromEntries(names.filter(Boolean).map((name) => [name.toLowerCase(), null])),
        ...authorization,
        ...keyless,
      },
    }),
  };
}

/** How the SDK reads a stream of any of its APIs: https://github.com/openai/openai-node/blob/master/src/core/streaming.ts */
export const openaiEvents: EventRules = {
  endsOpen: true,
  read(event, data) {
    if (data === "[DONE]") return verdict.end;
    // Threads and errors are told by the event's name.
    if (event === "error" || event?.startsWith("thread.")) return verdict.ask;
    const parsed = parseData(data);
    return tellsError(parsed) ? verdict.ask : parsed;
  },
};

/** The same of Chat Completions, to which it adds what a choice lacks. */
export const openaiChatEvents: EventRules = {
  ...openaiEvents,
  added: { by: "normalizedChunks", to: withFinishReasons },
};

// https://github.com/openai/openai-node/blob/master/src/lib/chat-completions/streaming.ts
function withFinishReasons(event: unknown): unknown {
  const { choices } = (event ?? {}) as { choices?: unknown };
  if (!Array.isArray(choices)) return event;
  for (let index = 0; index < choices.length; index++) {
    // What was parsed a moment ago is nobody else's yet. A choice that is none is what the SDK makes of it.
    const choice = choices[index];
    if (typeof choice === "object" && !Array.isArray(choice)) choice.finish_reason ??= null;
    else choices[index] = { ...choice, finish_reason: choice.finish_reason ?? null };
  }
  return event;
}
