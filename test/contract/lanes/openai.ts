import OpenAI from "openai";
import { openai } from "../../../src/providers/openai/index.ts";
import { openaiErrors } from "../../support/openai-errors.ts";
import { laneOf, secret } from "../lane.ts";
import { chatErrorEvent, chatTraits, chatWire } from "./chat-wire.ts";

/** A client of the `openai` package; it says nothing on the console. */
export function openaiClient(baseURL: string): OpenAI {
  return new OpenAI({ apiKey: secret, baseURL, maxRetries: 0, logLevel: "off" });
}

/** The class its SDK throws for a status. */
export function openaiError(status: number) {
  return openaiErrors[status] ?? OpenAI.APIError;
}

export const openaiLane = laneOf(openai.call, openai.provider, {
  name: "openai",
  subpath: "openai",
  ...chatWire({ model: "gpt-4o-mini" }),
  client: openaiClient,
  foreign: [{ messages: { create() {} } }],
  errorClass: openaiError,
  errorEvent: { event: chatErrorEvent, errorClass: OpenAI.APIError },
  traits: {
    ...chatTraits,
    parts: ["picture", "picture by address", "sound", "document", "cache mark"],
    thinking: false,
  },
});
