import type { Provider, Sent } from "../contract/provider.ts";
import { settingsBy } from "../contract/settings.ts";
import { checkModel, generate, reviveResult, stream } from "./client.ts";
import { toRequest } from "./params.ts";
import { providerName, toToolMessages } from "./prompt.ts";
import { readResult } from "./read.ts";
import { readPart } from "./stream.ts";
import { mendTurn, toTurn } from "./turn.ts";
import type { AISDKTypes } from "./types.ts";

export const provider: Provider<AISDKTypes> = {
  name: providerName,
  owned: ["model", "prompt", "abortSignal", "headers", "includeRawChunks"],
  settings: settingsBy({
    temperature: "temperature",
    maxTokens: "maxOutputTokens",
    topP: "topP",
    topK: "topK",
    stop: "stopSequences",
    seed: "seed",
    frequencyPenalty: "frequencyPenalty",
    presencePenalty: "presencePenalty",
    reasoning: "reasoning",
    form: "responseFormat.type",
  }),
  telemetry: (client) => ({ provider: telemetryName(client) }),
  resultMedia: ["image", "audio", "document"],
  // What the SDK keeps of the HTTP request, the whole body again.
  connection: ["request"],

  fake: async () => (await import("./fake.ts")).fake,

  revive: reviveResult,

  client: checkModel,

  params: toRequest,

  create: (client, request, options, tell): Sent<AISDKTypes["Response"]> => generate(client, request, options, tell),

  stream: (client, request, options, tell) => stream(client, request, options, tell),

  read: readResult,

  readChunk: readPart,

  messageParam: toTurn,

  mendTurn,

  toolMessages: toToolMessages,
};

function telemetryName(client: AISDKTypes["Client"] | undefined): string {
  const name = client !== undefined && "provider" in client ? client.provider : undefined;
  return typeof name === "string" ? name : providerName;
}
