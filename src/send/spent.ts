import type { Answer } from "../contract/answer.ts";
import type { ProviderTypes, Reading } from "../contract/provider.ts";
import { costOf, type PriceSource, type PriceTable } from "../money/cost.ts";
import { estimateInput, estimateTokens } from "../prepare/estimate.ts";
import type { Prepared } from "../prepare/prepare.ts";

/** What a stream has cost so far. `estimated` says that the provider's final figures never came. */
export interface Spent {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars. */
  readonly cost: number | undefined;
  readonly estimated: boolean;
}

/** @internal An answer with what was read to make it. */
export interface SeenAnswer<P extends ProviderTypes> extends Answer<P> {
  readonly reading: Reading<P>;
  readonly priced: { readonly provider: string; readonly model: string };
}

/** @internal The provider's figures where the answer is whole, else an estimate from what went out and came in. */
export function spentOn<P extends ProviderTypes>(
  prepared: Prepared<P>,
  response: SeenAnswer<P> | undefined,
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

function argumentsOf<P extends ProviderTypes>(response: SeenAnswer<P>): string {
  return response.reading.toolCalls
    .map(({ input }) => (typeof input === "string" ? input : JSON.stringify(input)))
    .join("");
}
