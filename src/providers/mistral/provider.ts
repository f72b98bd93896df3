import type { Provider, Sent } from "../../contract/provider.ts";
import { checkClient } from "../../contract/sdk.ts";
import { settingsBy } from "../../contract/settings.ts";
import { chatFor, orAborted, ownClient, toSdkOptions } from "./client.ts";
import { EventReader } from "./events.ts";
import { toToolMessages } from "./messages.ts";
import { toRequest } from "./params.ts";
import { readCompletion, toAssistantMessage } from "./read.ts";
import { readEvent } from "./stream.ts";
import { mendTurn } from "./turn.ts";
import type { MistralTypes } from "./types.ts";

export const provider: Provider<MistralTypes> = {
  name: "mistral",
  owned: ["model", "messages", "stream"],
  settings: settingsBy({
    temperature: "temperature",
    maxTokens: "maxTokens",
    topP: "topP",
    stop: "stop",
    seed: "randomSeed",
    frequencyPenalty: "frequencyPenalty",
    presencePenalty: "presencePenalty",
    choices: "n",
    reasoning: "reasoningEffort",
    form: "responseFormat.type",
  }),
  telemetry: () => ({ provider: "mistral_ai" }),
  hosts: /^api\.mistral\.ai$/,

  // A tool's message has the parts of a user's: https://docs.mistral.ai/api/#tag/chat
  resultMedia: ["image", "audio", "document"],

  // The API refuses any other with error 3280, https://mistralai.github.io/mistral-common/usage/tools/#tool-calling-and-messages
  toolIds: /^[a-zA-Z0-9]{9}$/,

  fake: async () => (await import("./fake.ts")).fake,

  batch: async () => (await import("./batch.ts")).batch,

  client(given) {
    if (given === undefined) return ownClient();
    checkClient("mistral", given, ["chat", "complete"], "a Mistral instance");
    checkClient("mistral", given, ["chat", "stream"], "a Mistral instance");
    return given as MistralTypes["Client"];
  },

  // A client of another package's making, as ours is, has no address of its own.
  address: (client) => (client as { _baseURL?: URL | null } | undefined)?._baseURL?.host,

  params: toRequest,

  create(client, request, options) {
    const sent = toSdkOptions(client, options);
    const answer: Sent<MistralTypes["Response"]> = chatFor(client, sent.signal).complete(request, sent);
    return withHead(orAborted(answer, sent), answer);
  },

  stream(client, request, options) {
    const sent = toSdkOptions(client, options);
    const opened: ReturnType<typeof client.chat.stream> & Partial<Pick<Sent<object>, "asResponse">> = chatFor(
      client,
      sent.signal,
    ).stream(request, sent);
    const events = opened.then((source) => new EventReader(source, sent.signal ?? undefined));
    return withHead(orAborted(events, sent), opened);
  },

  read: readCompletion,

  readChunk: readEvent,

  messageParam: toAssistantMessage,

  mendTurn,

  toolMessages: toToolMessages,
};

/** A promise that can be asked for the HTTP response where the one it comes from can. */
function withHead<Value>(promise: Promise<Value>, { asResponse }: Pick<Sent<unknown>, "asResponse">): Sent<Value> {
  return asResponse === undefined ? promise : Object.assign(promise, { asResponse });
}
