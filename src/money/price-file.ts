import type { TokenKind } from "./price-types.ts";

// The form of a price file: what `node scripts/prices.ts` makes. Its keys are short because it is shipped.

/**
 * USD per million tokens. A number: the lists that know the model agree. `"g:3"` or `"l:3"`: it stands in genai-prices or
 * in litellm alone. `"3|6"`: they differ, in this order.
 */
export type FiledPrice = number | string;

/** A price, or prices by the size of the request: `[price, start, price, …]`, each for requests larger than `start`. */
export type FiledSteps = FiledPrice | readonly (number | FiledPrice)[];

export type FiledRates = { readonly [Kind in TokenKind]?: FiledSteps };

/** What is known about one model, under all names it goes by. */
export interface FiledEntry {
  readonly n: readonly string[];
  readonly name?: string;
  /** The most tokens a request may have, and an answer. */
  readonly ctx?: number;
  readonly out?: number;
  /** The day the provider retires it, and what it recommends instead. */
  readonly end?: string;
  readonly next?: string;
  /** Where the lists read the prices: indexes into `sources`. */
  readonly s?: readonly number[];
  /** The list that alone prices it. */
  readonly in?: "g" | "l";
  /** It is also sold by units that counts of tokens do not tell apart. */
  readonly other?: true;
  /** The first day of `r`. */
  readonly since?: string;
  readonly r?: FiledRates;
  /** Service tiers. */
  readonly t?: Readonly<Record<string, { readonly since?: string; readonly r: FiledRates }>>;
  /** Factors for where the answer was computed. */
  readonly geo?: Readonly<Record<string, number>>;
  /** Prices of other times, each from a day on. */
  readonly p?: readonly { readonly since: string; readonly r: FiledRates }[];
}

/** A price file. */
export interface PriceFile {
  readonly format: "callscope/prices";
  readonly version: 1;
  /** The day the lists were read, `2026-11-28`. */
  readonly read: string;
  /** The lists' versions, by name. */
  readonly lists: Readonly<Record<string, string>>;
  readonly sources: readonly string[];
  readonly models: Readonly<Record<string, readonly FiledEntry[]>>;
}
