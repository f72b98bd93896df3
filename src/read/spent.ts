import type { Provider, ProviderTypes } from "../contract/provider.ts";
import { costOf, type PriceSource, type Prices } from "../money/cost.ts";
import { estimateInput, estimateTokens } from "../prepare/estimate.ts";
import type { Plan } from "../prepare/prepare.ts";
import { pricedBy } from "./price.ts";
import type { CallResponse } from "./response.ts";

/** What a stream has cost so far. `estimated` says that the provider's final figures never came. */
export interface Spent {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars. */
  readonly cost: number | undefined;
  readonly estimated: boolean;
}

/** What a cost is worked out with, beside the answer. */
interface Money {
  readonly provider: Pick<Provider<ProviderTypes>, "name" | "priced" | "mediaTokens">;
  readonly list: PriceSource | undefined;
  readonly prices: Prices | undefined;
  /** Why no list's price holds for it. */
  readonly elsewhere: string | null | undefined;
}

/** @internal The provider's figures where the answer is whole, else an estimate from what went out and came in. */
export function spentOn<P extends ProviderTypes>(
  { prepared, neutral }: Plan<P>,
  response: CallResponse<P> | undefined,
  whole: boolean,
  { list, prices, provider, elsewhere }: Money,
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
    elsewhere: response?.reading.unpriced ?? elsewhere ?? undefined,
    at: response?.startTime ?? Date.now(),
    ...(prices && { prices }),
  };
  return {
    inputTokens: input,
    outputTokens: output,
    cost: response?.reading.cost ?? (list && costOf(query, list).usd),
    estimated: true,
  };
}

function argumentsOf(response: CallResponse): string {
  return response.reading.toolCalls
    .map(({ input }) => (typeof input === "string" ? input : JSON.stringify(input)))
    .join("");
}
