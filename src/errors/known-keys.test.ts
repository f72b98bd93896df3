import { expect, test } from "vitest";
import { nearestKey } from "./known-keys.ts";

const known = ["maxOutputTokens", "stopSequences", "systemInstruction", "temperature", "topK", "topP", "tools", "seed"];

test.each([
  ["max_output_tokens", "maxOutputTokens"],
  ["maxTokens", "maxOutputTokens"],
  ["maxoutputtokens", "maxOutputTokens"],
  ["stop", "stopSequences"],
  ["stop_sequences", "stopSequences"],
  ["temprature", "temperature"],
  ["top_p", "topP"],
  ["tool", "tools"],
  ["system", "systemInstruction"],
])("[F3] %s may mean %s", (key, meant) => expect(nearestKey(key, known)).toBe(meant));

test.each(["reasoning_effort", "foo", "n", "", "__proto__", "x".repeat(10_000)])(
  "[F3] %j means none of them",
  (key) => {
    expect(nearestKey(key, known)).toBeUndefined();
  },
);
