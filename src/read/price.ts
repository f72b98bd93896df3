import type { Answer, Total } from "../contract/answer.ts";
import type { Head } from "../contract/head.ts";
import type { ProviderTypes, Reading } from "../contract/provider.ts";
import type { ReceivedNotes } from "../contract/received.ts";
import { type Cost, costOf, loadedPrices, type Prices } from "../money/cost.ts";

/** What is asked of an answer to price it. */
interface Priced<P extends ProviderTypes> extends Pick<Answer<P>, "provider" | "model" | "startTime"> {
  readonly reading: Reading<P>;
  readonly priced: { readonly provider: string; readonly model: string };
}

/** @internal What an answer cost: by the user's own prices, then as the provider reports it, then by the list. */
export function priceOf<P extends ProviderTypes>(
  { reading, priced, provider, model, startTime }: Priced<P>,
  requestedModel: string,
  { cached, head, tier, unpriced }: ReceivedNotes & { readonly head?: Head | undefined },
  prices: Prices | undefined,
  partial = false,
): Cost | undefined {
  // It was paid for once, when it was kept.
  if (cached) return { usd: 0, entry: { id: model, provider, source: "cache" } };
  const { tokens, region } = reading;
  const cost = head?.cost ?? reading.cost;
  const serviceTier = tier ?? reading.serviceTier;
  const elsewhere = head?.unpriced ?? unpriced;
  const query = { ...priced, requestedModel, tokens, serviceTier, region, at: startTime, prices, elsewhere };
  const listed = () => costOf(query, loadedPrices());
  const own = prices && !head?.cached ? listed() : undefined;
  if (own?.entry?.source === "table" && !partial) return own;
  if (cost === undefined) return partial ? undefined : listed();
  const entry = { id: model, provider, source: "provider" as const };
  return { usd: cost, entry, ...(head?.cached && { note: "The answer came out of the proxy's cache." }) };
}

/** @internal What an answer and all attempts before it came to. */
export function totalOf<P extends ProviderTypes>(
  answer: Pick<Answer<P>, "attempts" | "inputTokens" | "outputTokens" | "cost" | "cached">,
): Total {
  const all = [...answer.attempts, answer];
  const sum = (key: "inputTokens" | "outputTokens" | "cost") =>
    all.reduce<number | undefined>((total, one) => {
      const value = one[key];
      return total === undefined || value === undefined ? undefined : total + value;
    }, 0);
  return {
    inputTokens: sum("inputTokens"),
    outputTokens: sum("outputTokens"),
    cost: sum("cost"),
    requests: all.filter((one) => !("cached" in one && one.cached)).length,
  };
}
