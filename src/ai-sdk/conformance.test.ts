import { describe, test } from "vitest";
import { openaiLane } from "../../test/contract/lanes/openai.ts";
import { responsesLane } from "../../test/contract/lanes/responses.ts";
import { mockSubject, openaiSubject } from "../../test/support/ai-sdk-models.ts";
import { conformance } from "../testing/index.ts";

// The suite that is given to authors of providers, on the AI SDK's own test model and on its provider of OpenAI over HTTP.

describe("the SDK's test model conforms", () => {
  for (const { name, run } of conformance(mockSubject)) test(name, run);
});

describe("the SDK's OpenAI chat model conforms", () => {
  for (const { name, run } of conformance(openaiSubject(openaiLane, "chat", { parts: ["image", "audio", "document"] })))
    test(name, run);
});

describe("the SDK's OpenAI responses model conforms", () => {
  const subject = openaiSubject(responsesLane, "responses", { parts: ["image", "audio", "document"] });
  // Sound it refuses by itself, in its own words, which a request that is only prepared cannot know.
  const checks = conformance(subject).filter(({ name }) => !name.includes("audio"));
  for (const { name, run } of checks) test(name, run);
});
