import { hostOf } from "../../contract/address.ts";
import type { Provider } from "../../contract/provider.ts";
import { defaultClient, missingSdk, wrongClient } from "../../contract/sdk.ts";
import { settingsBy } from "../../contract/settings.ts";
import { ConfigError } from "../../errors/errors.ts";
import { toToolMessages } from "./messages.ts";
import { toRequest } from "./params.ts";
import { readChat } from "./read.ts";
import { sendChat, sendStream } from "./send.ts";
import { readEvent } from "./stream.ts";
import { mendTurn, toAssistantMessage } from "./turn.ts";
import type { CohereTypes } from "./types.ts";

const loadCohere = () => import("cohere-ai").catch(missingSdk("cohere-ai", "cohere"));

// https://github.com/cohere-ai/cohere-typescript: the one variable the SDK reads.
const ownClient = defaultClient(["CO_API_KEY"], async () => {
  const { CohereClientV2 } = await loadCohere();
  return new CohereClientV2({});
});

export const provider: Provider<CohereTypes> = {
  name: "cohere",
  owned: ["model", "messages", "stream"],
  settings: settingsBy({
    temperature: "temperature",
    maxTokens: "maxTokens",
    topP: "p",
    topK: "k",
    stop: "stopSequences",
    seed: "seed",
    frequencyPenalty: "frequencyPenalty",
    presencePenalty: "presencePenalty",
    form: "responseFormat.type",
  }),
  resultMedia: ["document"],
  hosts: /^api\.cohere\.(?:com|ai)$/,

  fake: async () => (await import("./fake.ts")).fake,

  client(given) {
    if (given === undefined) return ownClient();
    const client = given as CohereTypes["Client"];
    const expected = "a CohereClientV2 instance";
    if (typeof client?.chatStream !== "function") throw wrongClient("cohere", expected, "chatStream");
    // A CohereClient has methods of the same names, for the older v1 chat, and the v2 ones here.
    if (!("v2" in client)) return client;
    throw new ConfigError(`callscope/cohere takes ${expected}; the one given is a CohereClient: give its \`v2\`.`);
  },

  async endpoint(client) {
    // A protected member of the SDK's class: an address, or a function that gives one.
    const { baseUrl, environment } =
      (client as unknown as { _options?: Readonly<Record<string, unknown>> })._options ?? {};
    const told = baseUrl ?? environment;
    const address: unknown = typeof told === "function" ? await told() : await told;
    return hostOf(address);
  },

  params: toRequest,

  create: sendChat,

  async stream(client, request, options, tell) {
    const { CohereError } = await loadCohere();
    return sendStream(client, request, options, CohereError, tell);
  },

  read: readChat,

  readChunk: readEvent,

  messageParam: toAssistantMessage,

  mendTurn,

  toolMessages: toToolMessages,
};
