import type { Provider } from "../../contract/provider.ts";
import { defaultClient } from "../../contract/sdk.ts";
import { settingsBy } from "../../contract/settings.ts";
import { resultMedia } from "./blocks.ts";
import { toToolMessages } from "./messages.ts";
import { toRequest } from "./params.ts";
import { readMessage, readResponse } from "./read.ts";
import { checkBedrockClient, loadBedrock, sendConverse, sendConverseStream } from "./send.ts";
import { readEvent } from "./stream.ts";
import { mendTurn } from "./turn.ts";
import type { BedrockTypes } from "./types.ts";

// What decides about region, credentials and endpoint when the client is made or first used,
// https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html.
const environment = [
  "AWS_REGION",
  "AWS_PROFILE",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_BEARER_TOKEN_BEDROCK",
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_ROLE_ARN",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_ENDPOINT_URL",
  "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
  "AWS_MAX_ATTEMPTS",
  "AWS_RETRY_MODE",
];

const ownClient = defaultClient(environment, async () => new (await loadBedrock()).BedrockRuntimeClient());

export const provider: Provider<BedrockTypes> = {
  name: "bedrock",
  owned: ["model", "modelId", "messages", "stream"],
  settings: settingsBy({
    temperature: "inferenceConfig.temperature",
    maxTokens: "inferenceConfig.maxTokens",
    topP: "inferenceConfig.topP",
    topK: "additionalModelRequestFields.top_k",
    stop: "inferenceConfig.stopSequences",
    reasoning: "outputConfig.effort",
    form: "outputConfig.textFormat.type",
  }),
  telemetry: () => ({ provider: "aws.bedrock" }),
  cachesTools: true,
  resultMedia,
  hosts: /^bedrock-runtime(?:-fips)?\..+\.(?:amazonaws\.com|api\.aws)$/,

  fake: async () => (await import("./fake.ts")).fake,

  batch: async () => (await import("./batch.ts")).batch,

  client(given) {
    return given === undefined ? ownClient() : checkBedrockClient(given);
  },

  // Only an endpoint that somebody set can be another's.
  async endpoint({ config }) {
    const endpoint = await config?.endpoint?.();
    return endpoint && (endpoint.port ? `${endpoint.hostname}:${endpoint.port}` : endpoint.hostname);
  },

  params: (neutral) => toRequest(neutral),

  create: sendConverse,

  stream: sendConverseStream,

  read: (response) => readResponse(response),

  readChunk: (chunk, draft) => readEvent(chunk, draft),

  messageParam: (response) => readMessage(response) ?? { role: "assistant", content: [] },

  mendTurn,

  toolMessages: (results) => toToolMessages(results),
};
