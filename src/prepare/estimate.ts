import type { CallRequest, Provider, ProviderTypes } from "../contract/provider.ts";
import { isBytes } from "../json/plain.ts";
import { isMessage } from "../message/message.ts";
import type { Part } from "../message/parts.ts";
import { estimateTokens } from "../money/text-tokens.ts";

export { estimateTokens };

// What marks a message and its role, on the wires that say so: https://github.com/openai/openai-cookbook (token counting).
const tokensPerMessage = 4;
// What a picture, a sound or a document is where the provider documents nothing: between 85 and 1,600 tokens a picture.
const tokensPerMedium = 800;

/** What the estimate counts, in neutral terms. */
type Counted<P extends ProviderTypes> = Pick<CallRequest<P>, "messages" | "tools" | "output" | "callParams">;

/** About how many tokens a request is for the model to read, its tools and schemas included. */
export function estimateInput<P extends ProviderTypes>(
  { messages, tools, output, callParams }: Counted<P>,
  { mediaTokens }: Pick<Provider<ProviderTypes>, "mediaTokens">,
): number {
  const medium = (part: Part) => mediaTokens?.(part) ?? tokensPerMedium;
  let tokens = 0;
  for (const message of messages) {
    tokens += tokensPerMessage;
    if (!isMessage(message)) tokens += tokensIn(message);
    else if (typeof message.content === "string") tokens += estimateTokens(message.content);
    else for (const part of message.content) tokens += tokensOf(part, medium);
  }
  for (const { name, description, schema } of tools)
    tokens += estimateTokens(JSON.stringify([name, description, schema]));
  if (output?.schema !== undefined) tokens += estimateTokens(JSON.stringify([output.name, output.schema]));
  // What the caller writes in the provider's own form: instructions, tools.
  return tokens + tokensIn(callParams);
}

function tokensOf(part: Part, medium: (part: Part) => number): number {
  switch (part.type) {
    case "text":
    case "thinking":
      return estimateTokens(part.text);
    case "tool_call":
      return estimateTokens(part.name) + estimateTokens(part.arguments);
    case "tool_result":
      return typeof part.content === "string"
        ? estimateTokens(part.content)
        : part.content.reduce((sum, piece) => sum + tokensOf(piece, medium), 0);
    case "cache_control":
      return 0;
    default:
      return medium(part);
  }
}

/** The tokens of all texts in a value of the provider's own form; bytes and addresses of data are media there. */
function tokensIn(value: unknown): number {
  if (typeof value === "string") return value.startsWith("data:") ? tokensPerMedium : estimateTokens(value);
  if (isBytes(value)) return tokensPerMedium;
  if (typeof value !== "object" || value === null) return 0;
  let tokens = 0;
  for (const item of Object.values(value)) tokens += isBase64(item) ? tokensPerMedium : tokensIn(item);
  return tokens;
}

// Sound and pictures in a native message stand as one long word of this alphabet, which no prose, JSON or code is.
function isBase64(value: unknown): boolean {
  return typeof value === "string" && value.length > 1000 && /^[A-Za-z0-9+/_-]+={0,2}$/.test(value);
}
