import type { Price, PriceEntry, PriceSource, Rate, Rates, TokenKind } from "./price-types.ts";
import { isCount, type Tokens } from "./tokens.ts";

export type { FoundPrices, ModelFacts, PriceConditions, PriceEntry, PriceSource } from "./price-types.ts";
export { loadedPrices, loadPrices, readPrices } from "./prices.ts";

/**
 * The caller's own prices of one model, USD per million tokens. A kind of token without a price makes the cost of a
 * response that used it `undefined`; give `cacheRead: input` where reads cost as much as fresh input.
 */
export interface ModelPrices {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  /** Cache writes of the default lifetime. */
  readonly cacheWrite?: number;
  /** Cache writes kept an hour. */
  readonly cacheWrite1h?: number;
  readonly inputAudio?: number;
  readonly cacheAudioRead?: number;
  readonly outputAudio?: number;
}

/** The caller's own prices by model name, as the provider echoes it or as it was requested. */
export type PriceTable = Readonly<Record<string, ModelPrices>>;

/** What `prices` of a call takes: own prices by model, or a whole price list in the place of the one in the package. */
export type Prices = PriceTable | PriceSource;

/** What a response cost, and by which price; or why that is not certain. */
export interface Cost {
  /** US dollars, `inputUsd` + `outputUsd`; `undefined` where it is not certain: `reason` says why. */
  readonly usd: number | undefined;
  /** Absent, as `outputUsd`, where the provider itself reports the cost as one sum. */
  readonly inputUsd?: number;
  readonly outputUsd?: number;
  /** The price it was worked out with, or that was found and does not do. */
  readonly entry?: PriceEntry;
  /** Why `usd` is `undefined`: a sentence. */
  readonly reason?: string;
  /** Which kinds of token only one of the public lists has a price for: a sentence. */
  readonly note?: string;
  /** True when the token counts behind it are an estimate. */
  readonly estimated?: true;
}

/** What `costOf` has to know of a response. */
export interface CostQuery {
  /** The price list's id of the provider: `openai anthropic mistral gemini vertex groq cohere azure bedrock litellm`. */
  readonly provider: string;
  /** The model that answered, as the provider names it, or the requested one where it names none. */
  readonly model: string;
  /** The model as it was requested, to be found in `prices` too (an Azure deployment, a LiteLLM alias). */
  readonly requestedModel?: string | undefined;
  readonly tokens: Tokens;
  /** When the request was sent, epoch milliseconds: prices change. */
  readonly at: number;
  /** The service tier the provider says it served at. */
  readonly serviceTier?: string | undefined;
  /** Where the provider says the answer was computed. */
  readonly region?: string | undefined;
  /** The caller's own prices; they win over the list, at every service tier. A price list takes its place. */
  readonly prices?: Prices | undefined;
  /** Set where the request went to somebody whose prices no list has: the caller's own table holds all the same. */
  readonly elsewhere?: string | undefined;
}

const inputKinds = ["input", "cacheRead", "cacheWrite", "cacheWrite1h", "inputAudio", "cacheAudioRead"] as const;
const outputKinds = ["output", "outputAudio"] as const;

/**
 * What the tokens of a response cost in USD, or why that is not certain: an unknown model, a count that is missing,
 * contradictory or of a kind without a price, lists that differ. It is never `NaN`, and 0 only for no tokens or free ones.
 * Not in it: fees for the provider's own tools (web search), negotiated discounts, taxes.
 */
export function costOf(query: CostQuery, source: PriceSource): Cost {
  const { tokens } = query;
  const parts = partition(tokens);
  if (parts === undefined) return { usd: undefined, reason: "The token counts are missing or contradict each other." };
  const found = findRates(query, source);
  if (found.reason !== undefined) return { usd: undefined, reason: found.reason };
  const { entry, rates } = found;
  const { largest: size = tokens.input ?? 0 } = tokens;
  // Of several requests the smaller ones could be priced below the step that the largest passes.
  if (tokens.largest !== undefined && Object.values(rates).some((rate) => passesStep(rate, size))) {
    return { usd: undefined, entry, reason: "The answer took several requests, whose sizes have different prices." };
  }
  const quoted: Quoted[] = [];
  const input = sum(inputKinds, parts, rates, size, quoted);
  const output = sum(outputKinds, parts, rates, size, quoted);
  const reason = input.reason ?? output.reason;
  if (reason !== undefined) return { usd: undefined, entry, reason };
  const lists: string[] = [];
  const alone: string[] = [];
  for (const { kind, by } of quoted) {
    for (const list of by) if (!lists.includes(list)) lists.push(list);
    if (by.length === 1) alone.push(`${kind} (${by[0]})`);
  }
  return {
    usd: input.usd + output.usd,
    inputUsd: input.usd,
    outputUsd: output.usd,
    entry: lists.length > 0 ? { ...entry, lists } : entry,
    ...(alone.length > 0 && { note: `These prices stand in one public list alone: ${alone.join(", ")}.` }),
    ...(tokens.estimated && { estimated: true as const }),
  };
}

/**
 * US dollars of the dearest of several readings of what a request may use; `undefined` where the first has no price. What
 * has none among the others is not sold: it costs nothing more.
 */
export function dearestOf(
  query: Omit<CostQuery, "tokens">,
  readings: readonly Tokens[],
  source: PriceSource,
): number | undefined {
  const found = findRates(query, source);
  if (found.reason !== undefined) return undefined;
  let most: number | undefined;
  for (const tokens of readings) {
    const parts = partition(tokens);
    const size = tokens.input ?? 0;
    const input = parts && sum(inputKinds, parts, found.rates, size);
    const output = parts && sum(outputKinds, parts, found.rates, size);
    const known = input !== undefined && output !== undefined && (input.reason ?? output.reason) === undefined;
    if (known) most = Math.max(most ?? 0, input.usd + output.usd);
    else if (most === undefined) return undefined;
  }
  return most;
}

type Found = { entry: PriceEntry; rates: Rates; reason?: undefined } | { reason: string };

/** @internal True for a price list, false for a table of the caller's own prices. */
export function isPriceSource(prices: Prices): prices is PriceSource {
  return typeof (prices as PriceSource).find === "function";
}

function findRates(query: Omit<CostQuery, "tokens">, source: PriceSource): Found {
  const { provider, model, requestedModel, prices = {}, serviceTier: tier, region, at, elsewhere } = query;
  const own = isPriceSource(prices);
  for (const id of own ? [] : [model, requestedModel]) {
    if (id === undefined || !Object.hasOwn(prices, id)) continue;
    const rates = (prices as PriceTable)[id];
    if (rates) return { entry: { id, provider, source: "table" }, rates };
  }
  if (!own && elsewhere !== undefined) return { reason: elsewhere };
  if (!Number.isFinite(at)) return { reason: "The time of the request is not known." };
  const found = (own ? prices : source).find(provider, model, at, { tier, region });
  return found ?? { reason: `The price list does not know the model ${model} of ${provider}.` };
}

/**
 * The counts as parts that do not overlap, each charged once; `undefined` when they contradict each other. One by one: a
 * budget asks it of every request several times.
 */
function partition(tokens: Tokens): Record<TokenKind, number> | undefined {
  const { input, output, cacheRead = 0, cacheWrite = 0, cacheWrite1h = 0 } = tokens;
  const { reasoning = 0, inputAudio = 0, outputAudio = 0, cacheAudioRead = 0 } = tokens;
  if (tokens.unsure || !isCount(input) || !isCount(output) || !isCount(reasoning)) return undefined;
  if (!isCount(cacheRead) || !isCount(cacheWrite) || !isCount(cacheWrite1h)) return undefined;
  if (!isCount(inputAudio) || !isCount(outputAudio) || !isCount(cacheAudioRead)) return undefined;
  const parts = {
    input: input - cacheRead - cacheWrite - (inputAudio - cacheAudioRead),
    cacheRead: cacheRead - cacheAudioRead,
    cacheWrite: cacheWrite - cacheWrite1h,
    cacheWrite1h,
    inputAudio: inputAudio - cacheAudioRead,
    cacheAudioRead,
    output: output - outputAudio,
    outputAudio,
  };
  // More reasoning than output: a provider that counts it apart was not converted, and the output would be too small.
  if (reasoning > output) return undefined;
  for (const kind in parts) if (parts[kind as TokenKind] < 0) return undefined;
  return parts;
}

/** A kind of token that was used, and the lists that give its price. */
interface Quoted {
  readonly kind: TokenKind;
  readonly by: readonly string[];
}

type Sum = { readonly usd: number; readonly reason?: undefined } | { readonly usd: 0; readonly reason: string };

/** Adds up, and notes which lists give the price of each kind that was used. */
function sum(
  kinds: readonly TokenKind[],
  parts: Record<TokenKind, number>,
  rates: Rates,
  requestSize: number,
  quoted?: Quoted[],
): Sum {
  let usd = 0;
  for (const kind of kinds) {
    if (parts[kind] === 0) continue;
    // Own properties only: rates can be an object the caller made.
    const found = Object.hasOwn(rates, kind) ? priceAt(rates[kind], requestSize) : undefined;
    const price = typeof found === "object" ? found.usd : found;
    if (typeof found === "object" && price === undefined) return { usd: 0, reason: difference(kind, found.quotes) };
    if (price === undefined || !Number.isFinite(price) || price < 0) {
      return { usd: 0, reason: `There is no price for tokens of the kind ${kind}.` };
    }
    if (quoted !== undefined && typeof found === "object") quoted.push({ kind, by: Object.keys(found.quotes) });
    usd += (parts[kind] * price) / 1e6;
  }
  return { usd };
}

function difference(kind: TokenKind, quotes: Readonly<Record<string, number>>): string {
  const said = Object.entries(quotes).map(([list, usd]) => `${Number(usd.toPrecision(6))} (${list})`);
  return `The price lists differ on ${kind}, USD per million tokens: ${said.join(", ")}.`;
}

function passesStep(rate: Rate | undefined, size: number): boolean {
  return typeof rate === "object" && "tiers" in rate && rate.tiers.some(({ start }) => size > start);
}

function priceAt(rate: Rate | undefined, requestSize: number): Price | undefined {
  if (typeof rate !== "object" || !("tiers" in rate)) return rate;
  return rate.tiers.findLast((tier) => requestSize > tier.start)?.price ?? rate.base;
}
