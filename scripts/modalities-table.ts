import { padded } from "./padded-table.ts";

// What goes in and what comes out, by provider: docs/modalities.md and docs/calls.md show it.

const audio = (label: string, provider: string) => `[${label}](../examples/audio/${provider}.ts)`;
const spoken = "`modalities`, `audio`";
const inObject = "in the SDK's object";

const head = ["", "pictures in", "sound in", "documents in", "sound out", "pictures out"];
const cells: readonly (readonly string[])[] = [
  ["openai", "yes", "yes", "yes", audio(spoken, "openai"), "–"],
  ["openai.responses", "yes", "–", "yes", "–", `built-in tool, ${inObject}`],
  ["anthropic", "yes", "–", "yes", "–", "–"],
  ["mistral", "yes", "yes", "yes", "–", "–"],
  ["gemini", "yes", "yes", "yes", audio("`responseModalities`", "gemini"), inObject],
  ["vertex", "yes", "yes", "yes", audio("`responseModalities`", "vertex"), inObject],
  ["groq", "yes", "–", "–", "–", "–"],
  ["cohere", "yes", "–", "–", "–", "–"],
  ["litellm", "yes", "yes", "yes", audio(spoken, "litellm"), inObject],
  ["azure", "yes", "yes", "–", audio(spoken, "azure"), "–"],
  ["bedrock", "yes", "yes", "yes", "–", inObject],
  ["local", "–", "–", "–", "–", "–"],
];

export const modalitiesTable = (): string => padded(head, cells);
