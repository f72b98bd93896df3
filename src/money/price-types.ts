/** The kinds of token a price list tells apart. `input` and `output` are what no other kind covers. */
export type TokenKind =
  | "input"
  | "cacheRead"
  | "cacheWrite"
  | "cacheWrite1h"
  | "inputAudio"
  | "cacheAudioRead"
  | "output"
  | "outputAudio";

/** USD per million tokens, or what the lists behind it say, by their names: no price where they say different things. */
export type Price = number | { readonly usd: number | undefined; readonly quotes: Readonly<Record<string, number>> };

/**
 * USD per million tokens. With `tiers`, the whole request is charged at the price of the last tier whose `start` (input
 * tokens, cached ones included) it exceeds, or at `base`.
 */
export type Rate =
  | Price
  | { readonly base: Price; readonly tiers: readonly { readonly start: number; readonly price: Price }[] };

/** What each kind of token costs; a kind that is absent has no known price. */
export type Rates = { readonly [Kind in TokenKind]?: Rate };

/** Which price list entry a cost was worked out with. */
export interface PriceEntry {
  /** The entry's own id: a model name, or the key of the caller's table. */
  readonly id: string;
  /** Who sells it at that price. */
  readonly provider: string;
  readonly name?: string;
  /** The first day the price holds (`2026-07-30`, UTC), when the list gives one. */
  readonly since?: string;
  /** The caller's own table, a price list, the provider itself, or nobody: the answer was kept. */
  readonly source: "table" | "list" | "provider" | "cache";
  /** The public lists that give the prices used: one alone, or two that agree. */
  readonly lists?: readonly string[];
  /** The day the lists were read (`2026-11-28`, UTC). */
  readonly read?: string;
  /** Where the lists have it from. */
  readonly urls?: readonly string[];
}

/** What a price depends on beside the model and the time. */
export interface PriceConditions {
  /** The service tier in the provider's own words: `flex`, `priority`, `batch`; `undefined` for the standard one. */
  readonly tier?: string | undefined;
  /** Where the answer was computed, for providers that charge for it. */
  readonly region?: string | undefined;
}

/** Prices, or in a sentence why there are none. */
export type FoundPrices =
  | { readonly entry: PriceEntry; readonly rates: Rates; readonly reason?: undefined }
  | { readonly reason: string };

/** What is known about a model beside its prices. */
export interface ModelFacts {
  /** The most tokens a request may have. */
  readonly contextTokens?: number;
  /** The most tokens an answer may have. */
  readonly outputTokens?: number;
  /** The day the provider retires the model (`2026-12-01`). */
  readonly retires?: string;
  /** What the provider recommends instead. */
  readonly successor?: string;
}

/** A price list. `loadPrices` gives ours, `readPrices` a newer file of its form; any object with `find` is another. */
export interface PriceSource {
  /**
   * The prices of a model at an instant (epoch milliseconds). `undefined`, or the reason, where they are not known for
   * certain. It must heed the conditions: a price of another tier is a wrong one.
   */
  find(provider: string, model: string, at: number, conditions?: PriceConditions): FoundPrices | undefined;
  /** What is known about a model beside its prices. */
  about?(provider: string, model: string): ModelFacts | undefined;
}
