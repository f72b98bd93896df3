import type { PreparedData } from "../contract/layer.ts";
import { isBytes, plainOrDropped } from "../json/plain.ts";

// Four bytes a token is what the byte-pair vocabularies of today's models come to on English prose; a picture costs
// most providers between 85 and 1,600 tokens.
const bytesPerToken = 4;
const tokensPerMedium = 800;

/** About how many tokens a text is: an estimate, good to about a third. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

/** About how many tokens a prepared request is for the model to read, its tools and schemas included. */
export function estimateInput(prepared: Pick<PreparedData, "request">): number {
  let media = 0;
  const text = JSON.stringify(prepared.request, function (this: unknown, key, value: unknown) {
    if (
      isBytes(Reflect.get(this as object, key)) ||
      (key !== "text" && typeof value === "string" && isMedia(key, value))
    ) {
      media++;
      return undefined;
    }
    return plainOrDropped.call(this, key, value);
  });
  return estimateTokens(text) + media * tokensPerMedium;
}

function isMedia(key: string, value: string): boolean {
  if (value.startsWith("data:") || (key === "data" && value.length > 100)) return true;
  // So long a word is base64, whatever the provider calls its field.
  return value.length > 1000 && !/\s/.test(value.slice(0, 1000));
}

// What the SDKs call the limit of an answer's length, and where they keep it.
const limits = ["max_completion_tokens", "max_output_tokens", "max_tokens", "maxOutputTokens", "maxTokens"];
const places = ["config", "inferenceConfig"];

/** The most tokens the answer may have, as the request says it. */
export function answerLimit(request: object): number | undefined {
  const fields = request as Record<string, unknown>;
  for (const place of [fields, ...places.map((name) => fields[name] as Record<string, unknown> | undefined)]) {
    for (const name of limits) if (typeof place?.[name] === "number") return place[name];
  }
  return undefined;
}
