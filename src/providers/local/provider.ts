import type { Draft, Provider, SendOptions } from "../../contract/provider.ts";
import { textResult } from "../../contract/result-content.ts";
import { checkClient, defaultClient } from "../../contract/sdk.ts";
import { settingsBy } from "../../contract/settings.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import { eventsOf } from "./event-queue.ts";
import { mendTurn } from "./messages.ts";
import { LocalModel } from "./model.ts";
import { planAnswer } from "./plan.ts";
import type { LocalTypes } from "./provider-types.ts";
import { toLocalRequest } from "./request.ts";
import { readLocal, readLocalChunk } from "./response.ts";
import type { LocalChunk } from "./types.ts";

// What decides which file the default model is, and where it is kept.
const environment = ["CALLSCOPE_MODEL", "CALLSCOPE_CACHE", "XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"];

const ownModel = defaultClient(environment, async () => new LocalModel());

export const provider: Provider<LocalTypes> = {
  name: "local",
  owned: ["model", "messages", "stream"],
  settings: settingsBy({
    temperature: "temperature",
    maxTokens: "maxTokens",
    topP: "topP",
    topK: "topK",
    stop: "customStopTriggers",
    seed: "seed",
    frequencyPenalty: "repeatPenalty.frequencyPenalty",
    presencePenalty: "repeatPenalty.presencePenalty",
    form: "responseSchema",
  }),
  telemetry: () => ({ provider: "local", inProcess: true }),
  holdsWholeSchemas: true,

  fake: async () => (await import("./fake.ts")).fake,

  client(given) {
    if (given === undefined) return ownModel();
    checkClient("local", given, ["generate"], "a LocalModel");
    return given as LocalModel;
  },

  params: (neutral) => toLocalRequest(neutral),

  check: (request) => void planAnswer(request),

  async create(client, request, options) {
    checkOptions(options);
    const draft: Draft<LocalTypes> = { response: undefined, calls: [], done: false };
    await client.generate(request, (chunk) => void readLocalChunk(chunk, draft), options.signal);
    if (draft.response === undefined) throw new ConfigError("The LocalModel given as the client generated nothing.");
    return draft.response;
  },

  stream(client, request, options) {
    checkOptions(options);
    return eventsOf<LocalChunk>((emit, signal) => client.generate(request, emit, signal), options.signal);
  },

  read: (response) => readLocal(response),

  readChunk: (chunk, draft) => readLocalChunk(chunk, draft),

  messageParam: ({ message }) => message,

  mendTurn,

  toolMessages: (results) =>
    results.map(({ call, output }) => {
      return { role: "tool", toolCallId: call.id, name: call.name, content: textResult(output, "local") };
    }),
};

function checkOptions({ headers }: SendOptions): void {
  if (headers === undefined || Object.keys(headers).length === 0) return;
  throw new UnsupportedError("local", "headers", "local sends no request: it cannot take `headers`.");
}
