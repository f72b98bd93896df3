import ModelClient from "@azure-rest/ai-inference";
import OpenAI from "openai";
import { azure } from "../../../src/providers/azure/index.ts";
import { laneOf, secret } from "../lane.ts";
import { chatErrorEvent, chatTraits, chatWire } from "./chat-wire.ts";
import { openaiClient, openaiError } from "./openai.ts";

const shared = {
  subpath: "azure",
  ...chatWire({ model: "gpt-4o-mini", thinking: "reasoning_content" }),
  foreign: [{ messages: { create() {} } }],
  traits: { ...chatTraits, parts: ["picture", "picture by address", "sound"] },
} as const;

export const azureLane = laneOf(azure.call, azure.provider, {
  ...shared,
  name: "azure (openai)",
  client: openaiClient,
  errorClass: openaiError,
  errorEvent: { event: chatErrorEvent, errorClass: OpenAI.APIError },
});

/** The SDK throws nothing for a status: the class is ours. */
export const azureRestLane = laneOf(azure.call, azure.provider, {
  ...shared,
  name: "azure (ai-inference)",
  client: (url) =>
    ModelClient(url, { key: secret }, { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } }),
  // What the pipeline beneath the SDK throws for a body that is no JSON.
  bodyErrors: { "cut JSON": "RestError" },
  errorClass: () => azure.AzureInferenceError,
  errorEvent: { event: chatErrorEvent, errorClass: azure.AzureInferenceError },
});
