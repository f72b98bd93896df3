import Groq from "groq-sdk";
import { groq } from "../../../src/providers/groq/index.ts";
import { laneOf, secret } from "../lane.ts";
import { chatErrorEvent, chatTraits, chatWire } from "./chat-wire.ts";
import { openaiClient } from "./openai.ts";

const classes: Readonly<Record<number, new (...args: never[]) => Error>> = {
  401: Groq.AuthenticationError,
  403: Groq.PermissionDeniedError,
  404: Groq.NotFoundError,
  422: Groq.UnprocessableEntityError,
  429: Groq.RateLimitError,
};

export const groqLane = laneOf(groq.call, groq.provider, {
  name: "groq",
  subpath: "groq",
  ...chatWire({ model: "llama-3.3-70b-versatile", thinking: "reasoning" }),
  client: (baseURL) => new Groq({ apiKey: secret, baseURL, maxRetries: 0, logLevel: "off" }),
  foreign: [{ messages: { create() {} } }, openaiClient("http://127.0.0.1:9")],
  errorClass: (status) => classes[status] ?? Groq.InternalServerError,
  errorEvent: { event: chatErrorEvent, errorClass: Groq.APIError },
  traits: {
    ...chatTraits,
    parts: ["picture", "picture by address"],
    resultParts: ["picture", "picture by address"],
    refusal: false,
  },
});
