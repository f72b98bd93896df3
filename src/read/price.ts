import type { Answer } from "../contract/answer.ts";
import type { Provider, ProviderTypes, Reading } from "../contract/provider.ts";
import { type Cost, costOf, type Prices } from "../money/cost.ts";
import type { Sent } from "../send/send.ts";

/** What is asked of an answer to price it. */
interface Priced<P extends ProviderTypes> extends Pick<Answer<P>, "provider" | "model" | "startTime"> {
  readonly reading: Reading<P>;
  readonly priced: { readonly provider: string; readonly model: string };
}

/** @internal Whose price list a model is looked up in. */
export function pricedBy(
  { name, priced }: Pick<Provider<ProviderTypes>, "name" | "priced">,
  model: string,
): { readonly provider: string; readonly model: string } {
  return priced?.(model) ?? { provider: name, model };
}

/** @internal What an answer cost: by the user's own prices, then as the provider reports it, then by the list. */
export function priceOf<P extends ProviderTypes>(
  { reading, priced, provider, model, startTime }: Priced<P>,
  requestedModel: string,
  { prices: source, elsewhere: away }: Pick<Sent<P>, "prices" | "elsewhere">,
  prices: Prices | undefined,
  partial = false,
): Cost | undefined {
  const { cost, tokens, serviceTier, region, cached, unpriced } = reading;
  const elsewhere = unpriced ?? away ?? undefined;
  const query = { ...priced, requestedModel, tokens, serviceTier, region, at: startTime, prices, elsewhere };
  const listed = () => costOf(query, source);
  // What came out of a cache was paid before, at whatever price.
  const own = prices && !cached ? listed() : undefined;
  if (own?.entry?.source === "table" && !partial) return own;
  if (cost === undefined) return partial ? undefined : listed();
  const entry = { id: model, provider, source: "provider" as const };
  return { usd: cost, entry, ...(cached && { note: "The answer came out of a cache." }) };
}
