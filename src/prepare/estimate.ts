import type { ProviderTypes } from "../contract/provider.ts";
import { costOf, type PriceSource, type PriceTable } from "../money/cost.ts";
import type { CallResponse } from "../read/response.ts";
import type { Prepared } from "./prepare.ts";

// Four bytes a token is what the byte-pair vocabularies of today's models come to on English prose; a picture costs
// most providers between 85 and 1,600 tokens.
const bytesPerToken = 4;
const tokensPerMedium = 800;

/** About how many tokens a text is: an estimate, good to about a third. */
function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / bytesPerToken);
}

/** About how many tokens a prepared request is for the model to read, its tools and schemas included. */
export function estimateInput<P extends ProviderTypes>(prepared: Prepared<P>): number {
  let media = 0;
  const text = JSON.stringify(prepared.request, (key, value: unknown) => {
    if (value instanceof Uint8Array || (key !== "text" && typeof value === "string" && isMedia(key, value))) {
      media++;
      return undefined;
    }
    return value;
  });
  return estimateTokens(text) + media * tokensPerMedium;
}

function isMedia(key: string, value: string): boolean {
  if (value.startsWith("data:") || (key === "data" && value.length > 100)) return true;
  // So long a word is base64, whatever the provider calls its field.
  return value.length > 1000 && !/\s/.test(value.slice(0, 1000));
}

/** What a stream has cost so far. `estimated` says that the provider's final figures never came. */
export interface Spent {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars. */
  readonly cost: number | undefined;
  readonly estimated: boolean;
}

/** @internal The provider's figures where the answer is whole, else an estimate from what went out and came in. */
export function spentOn<P extends ProviderTypes>(
  prepared: Prepared<P>,
  response: CallResponse<P> | undefined,
  whole: boolean,
  source: PriceSource | undefined,
  prices: PriceTable | undefined,
): Spent {
  if (whole && response?.outputTokens !== undefined) {
    return {
      inputTokens: response.inputTokens,
      outputTokens: response.outputTokens,
      cost: response.cost,
      estimated: false,
    };
  }
  const received = response === undefined ? "" : response.content + (response.thinking ?? "") + argumentsOf(response);
  const input = response?.inputTokens ?? estimateInput(prepared);
  const output = Math.max(response?.outputTokens ?? 0, estimateTokens(received));
  const query = {
    ...(response?.priced ?? { provider: prepared.provider, model: prepared.model }),
    tokens: { ...response?.tokens, input, output },
    requestedModel: prepared.model,
    serviceTier: response?.reading.serviceTier,
    at: response?.startTime ?? Date.now(),
    ...(prices && { prices }),
  };
  return {
    inputTokens: input,
    outputTokens: output,
    cost: response?.reading.cost ?? (source && costOf(query, source)?.usd),
    estimated: true,
  };
}

function argumentsOf(response: CallResponse): string {
  return response.reading.toolCalls
    .map(({ input }) => (typeof input === "string" ? input : JSON.stringify(input)))
    .join("");
}
