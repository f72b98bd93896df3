import { settingsBy } from "../contract/settings.ts";

/** The settings of a request of Google's SDK: https://ai.google.dev/api/generate-content#generationconfig */
export const geminiSettings = settingsBy({
  temperature: "config.temperature",
  maxTokens: "config.maxOutputTokens",
  topP: "config.topP",
  topK: "config.topK",
  stop: "config.stopSequences",
  seed: "config.seed",
  frequencyPenalty: "config.frequencyPenalty",
  presencePenalty: "config.presencePenalty",
  choices: "config.candidateCount",
  reasoning: "config.thinkingConfig.thinkingLevel",
  form: ["config.responseMimeType", "config.responseModalities"],
});
