import { environmentValue } from "../../contract/environment-value.ts";
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
import { ConfigError } from "../../errors/errors.ts";
import type { GeminiTypes, VertexOnly } from "./types.ts";

const support: GeminiSupport = {
  provider: "gemini",
  clients: "a GoogleGenAI instance for the Gemini API",
  readsBuckets: false,
  needsMediaType: false,
  lacks: [
    "audioTimestamp",
    "generationOutputConfig",
    "modelArmorConfig",
    "modelSelectionConfig",
    "routingConfig",
  ] satisfies VertexOnly[],
};

// What the SDK's constructor reads: https://github.com/googleapis/js-genai#environment-variables
const environment = ["GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GEMINI_BASE_URL", "GOOGLE_GENAI_API_VERSION"];

const ownClient = defaultClient(environment, async () => {
  // Without a key the SDK prints a warning, looks for a machine's own Google credentials and fails slowly at the call.
  if (!environmentValue("GOOGLE_API_KEY") && !environmentValue("GEMINI_API_KEY")) {
    throw new ConfigError("callscope/gemini needs an API key: set GEMINI_API_KEY or GOOGLE_API_KEY, or pass a client.");
  }
  const { GoogleGenAI } = await import("@google/genai").catch(missingSdk("@google/genai", "gemini"));
  return new GoogleGenAI({ enterprise: false });
});

export const provider: Provider<GeminiTypes> = {
  name: "gemini",
  kin: ["vertex"],
  owned: ["model", "messages", "contents", "stream"],
  settings: geminiSettings,
  telemetry: () => ({ provider: "gcp.gemini", operation: "generate_content" }),
  toolIds,
  resultMedia,
  hosts: /^generativelanguage\.googleapis\.com$/,

  fake: async () => (await import("./fake.ts")).fake,

  batch: async () => (await import("./batch.ts")).batch,

  client: (given) => (given === undefined ? ownClient() : checkGoogleClient(given, false, support)),

  mediaTokens: geminiMediaTokens,

  address: googleAddress,

  params: (neutral) => toGeminiRequest<GeminiTypes>(neutral, support),

  connection: ["sdkHttpResponse"],

  revive: reviveGemini,

  create: createGemini,

  stream: streamGemini,

  read: (response) => readGemini<GeminiTypes>("gemini", response),

  readChunk: (chunk, draft) => readGeminiChunk<GeminiTypes>(chunk, draft),

  messageParam: (response) => geminiMessageParam<GeminiTypes>(response),

  mendTurn: mendGeminiTurn,

  toolMessages: (results) => toGeminiToolMessages<GeminiTypes>(results, support),
};
