import type { Provider } from "../../contract/provider.ts";
import { defaultClient, missingSdk } from "../../contract/sdk.ts";
import { toGeminiToolMessages, toolIds } from "../../dialects/gemini.ts";
import { toGeminiRequest } from "../../dialects/gemini-config.ts";
import { geminiMediaTokens } from "../../dialects/gemini-media.ts";
import { geminiMessageParam, mendGeminiTurn, readGemini } from "../../dialects/gemini-read.ts";
import { resultMedia } from "../../dialects/gemini-results.ts";
import {
  checkGoogleClient,
  createGemini,
  googleAddress,
  reviveGemini,
  streamGemini,
} from "../../dialects/gemini-send.ts";
import { geminiSettings } from "../../dialects/gemini-settings.ts";
import { readGeminiChunk } from "../../dialects/gemini-stream.ts";
import type { GeminiSupport } from "../../dialects/gemini-types.ts";
import type { GeminiOnly, VertexTypes } from "./types.ts";

const support: GeminiSupport = {
  provider: "vertex",
  clients:
    "a GoogleGenAI instance made with `enterprise: true` (its build for browsers knows the older name alone: `vertexai: true`)",
  readsBuckets: true,
  // https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference#filedata
  needsMediaType: true,
  lacks: ["enableEnhancedCivicAnswers", "store"] satisfies GeminiOnly[],
};

// What the SDK's constructor and Google's default credentials read: https://github.com/googleapis/js-genai#environment-variables
const environment = [
  "GOOGLE_CLOUD_PROJECT",
  "GOOGLE_CLOUD_LOCATION",
  "GOOGLE_API_KEY",
  "GEMINI_API_KEY",
  "GOOGLE_APPLICATION_CREDENTIALS",
  "GOOGLE_VERTEX_BASE_URL",
  "GOOGLE_GENAI_API_VERSION",
];

const ownClient = defaultClient(environment, async () => {
  const { GoogleGenAI } = await import("@google/genai").catch(missingSdk("@google/genai", "vertex"));
  return new GoogleGenAI({ enterprise: true });
});

export const provider: Provider<VertexTypes> = {
  name: "vertex",
  kin: ["gemini"],
  owned: ["model", "messages", "contents", "stream"],
  settings: geminiSettings,
  telemetry: () => ({ provider: "gcp.vertex_ai", operation: "generate_content" }),
  toolIds,
  resultMedia,
  hosts: /^(?:.+-)?aiplatform(?:\..+)?\.googleapis\.com$/,

  fake: async () => (await import("./fake.ts")).fake,

  batch: async () => (await import("./batch.ts")).batch,

  client: (given) => (given === undefined ? ownClient() : checkGoogleClient(given, true, support)),

  mediaTokens: geminiMediaTokens,

  address: googleAddress,

  params: (neutral) => toGeminiRequest<VertexTypes>(neutral, support),

  connection: ["sdkHttpResponse"],

  revive: reviveGemini,

  create: createGemini,

  stream: streamGemini,

  read: (response) => readGemini<VertexTypes>("vertex", response),

  readChunk: (chunk, draft) => readGeminiChunk<VertexTypes>(chunk, draft),

  messageParam: (response) => geminiMessageParam<VertexTypes>(response),

  mendTurn: mendGeminiTurn,

  toolMessages: (results) => toGeminiToolMessages<VertexTypes>(results, support),
};
