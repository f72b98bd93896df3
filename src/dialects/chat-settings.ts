import { settingsBy } from "../contract/settings.ts";

/** The settings of a request on the chat-completions wire: https://platform.openai.com/docs/api-reference/chat/create */
export const chatSettings = settingsBy({
  temperature: "temperature",
  maxTokens: ["max_completion_tokens", "max_tokens"],
  topP: "top_p",
  topK: "top_k",
  stop: "stop",
  seed: "seed",
  frequencyPenalty: "frequency_penalty",
  presencePenalty: "presence_penalty",
  choices: "n",
  reasoning: "reasoning_effort",
  form: ["response_format.type", "modalities"],
});
