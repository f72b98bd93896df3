import type { CommonParams } from "../contract/provider.ts";

/** The common parameters by the names that Google's SDK and the AI SDK both have for them. */
export function camelSettings(common: CommonParams = {}) {
  const { temperature, maxTokens, topP, stop, seed, frequencyPenalty, presencePenalty } = common;
  return {
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(topP !== undefined && { topP }),
    ...(stop !== undefined && { stopSequences: typeof stop === "string" ? [stop] : [...stop] }),
    ...(seed !== undefined && { seed }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(presencePenalty !== undefined && { presencePenalty }),
  };
}
