import type { Answer } from "../contract/answer.ts";
import type { ProviderTypes, Reading } from "../contract/provider.ts";
import { type Cost, costOf, type PriceSource, type Prices } from "../money/cost.ts";

/** What is asked of an answer to price it. */
interface Priced<P extends ProviderTypes> extends Pick<Answer<P>, "provider" | "model" | "startTime"> {
  readonly reading: Reading<P>;
  readonly priced: { readonly provider: string; readonly model: string };
}

/** @internal What an answer cost: by the user's own prices, then as the provider reports it, then by the list. */
export function priceOf<P extends ProviderTypes>(
  { reading, priced, provider, model, startTime }: Priced<P>,
  requestedModel: string,
  source: PriceSource,
  prices: Prices | undefined,
  partial = false,
): Cost | undefined {
  const { cost, tokens, serviceTier, region, cached, unpriced: elsewhere } = reading;
  const query = { ...priced, requestedModel, tokens, serviceTier, region, at: startTime, prices, elsewhere };
  const listed = () => costOf(query, source);
  // What came out of a cache was paid before, at whatever price.
  const own = prices && !cached ? listed() : undefined;
  if (own?.entry?.source === "table" && !partial) return own;
  if (cost === undefined) return partial ? undefined : listed();
  const entry = { id: model, provider, source: "provider" as const };
  return { usd: cost, entry, ...(cached && { note: "The answer came out of a cache." }) };
}
