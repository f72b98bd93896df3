import { pricedBy } from "../contract/address.ts";
import type { Answer } from "../contract/answer.ts";
import type { Provider, ProviderTypes, Reading } from "../contract/provider.ts";
import { costOf, loadedPrices, type Prices } from "../money/cost.ts";
import { estimateInput, estimateTokens } from "../prepare/estimate.ts";
import type { Plan } from "../prepare/prepare.ts";

/** What a stream has cost so far. `estimated` says that the provider's final figures never came. */
export interface Spent {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars. */
  readonly cost: number | undefined;
  readonly estimated: boolean;
}

/** An answer with what was read to make it. */
export interface SeenAnswer<P extends ProviderTypes> extends Answer<P> {
  readonly reading: Reading<P>;
  readonly priced: { readonly provider: string; readonly model: string };
}

/** What a cost is worked out with, beside the answer. */
export interface Money {
  readonly provider: Pick<Provider<ProviderTypes>, "name" | "priced" | "mediaTokens">;
  readonly prices: Prices | undefined;
  /** Why no list's price holds for it. */
  readonly unpriced: string | undefined;
}

/** @internal The provider's figures where the answer is whole, else an estimate from what went out and came in. */
export function spentOn<P extends ProviderTypes>(
  { prepared, neutral }: Pick<Plan<P>, "prepared" | "neutral">,
  response: SeenAnswer<P> | undefined,
  whole: boolean,
  { provider, prices, unpriced }: Money,
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
  const input = response?.inputTokens ?? estimateInput(neutral, provider);
  const output = Math.max(response?.outputTokens ?? 0, estimateTokens(received));
  const query = {
    ...(response?.priced ?? pricedBy(provider, prepared.model)),
    tokens: { ...response?.tokens, input, output },
    requestedModel: prepared.model,
    serviceTier: response?.reading.serviceTier,
    region: response?.reading.region,
    elsewhere: unpriced,
    at: response?.startTime ?? Date.now(),
    ...(prices && { prices }),
  };
  return {
    inputTokens: input,
    outputTokens: output,
    cost: response?.reading.cost ?? costOf(query, loadedPrices()).usd,
    estimated: true,
  };
}

function argumentsOf<P extends ProviderTypes>(response: SeenAnswer<P>): string {
  return response.reading.toolCalls
    .map(({ input }) => (typeof input === "string" ? input : JSON.stringify(input)))
    .join("");
}
