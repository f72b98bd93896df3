import OpenAI from "openai";
import { litellm } from "../../../src/providers/litellm/index.ts";
import { laneOf } from "../lane.ts";
import { chatErrorEvent, chatTraits, chatWire } from "./chat-wire.ts";
import { openaiClient, openaiError } from "./openai.ts";

export const litellmLane = laneOf(litellm.call, litellm.provider, {
  name: "litellm",
  subpath: "litellm",
  ...chatWire({ model: "openai/gpt-4o-mini", thinking: "reasoning_content" }),
  client: openaiClient,
  foreign: [{ messages: { create() {} } }],
  errorClass: openaiError,
  errorEvent: { event: chatErrorEvent, errorClass: OpenAI.APIError },
  traits: { ...chatTraits, parts: ["picture", "picture by address", "sound", "document", "cache mark"] },
});
