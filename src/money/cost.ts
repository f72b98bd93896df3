import type { PriceEntry, PriceSource, Rate, Rates, TokenKind } from "./prices.ts";
import type { Tokens } from "./tokens.ts";

export { loadedPrices, loadPrices, type PriceEntry, type PriceSource } from "./prices.ts";

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

/** What a response cost, and by which price. */
export interface Cost {
  /** US dollars, `inputUsd` + `outputUsd`. */
  readonly usd: number;
  /** Absent, as `outputUsd`, where the provider itself reports the cost as one sum. */
  readonly inputUsd?: number;
  readonly outputUsd?: number;
  readonly entry: PriceEntry;
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
  /** The service tier the provider says it served at. The price list knows list prices only. */
  readonly serviceTier?: string | undefined;
  /** The caller's own prices; they win over the list, at every service tier. */
  readonly prices?: PriceTable | undefined;
}

const inputKinds = ["input", "cacheRead", "cacheWrite", "cacheWrite1h", "inputAudio", "cacheAudioRead"] as const;
const outputKinds = ["output", "outputAudio"] as const;

/** The names providers give the tier that is billed at list price. */
const listPriceTiers: ReadonlySet<string> = new Set(["default", "standard", "on_demand"]);

/**
 * What the tokens of a response cost in USD, or `undefined` whenever that is not certain: an unknown model, a count that
 * is missing, contradictory or of a kind without a price, a discounted or premium tier. It is never `NaN`, and 0 only for
 * no tokens or free ones. Not in it: fees for the provider's own tools (web search), regional surcharges, negotiated
 * discounts, batch discounts, taxes.
 */
export function costOf(query: CostQuery, source: PriceSource): Cost | undefined {
  const { tokens } = query;
  const parts = partition(tokens);
  const priced = parts && findRates(query, source);
  if (!parts || !priced) return undefined;
  const inputUsd = sum(inputKinds, parts, priced.rates, tokens.input);
  const outputUsd = sum(outputKinds, parts, priced.rates, tokens.input);
  if (inputUsd === undefined || outputUsd === undefined) return undefined;
  const cost = { usd: inputUsd + outputUsd, inputUsd, outputUsd, entry: priced.entry };
  return tokens.estimated ? { ...cost, estimated: true } : cost;
}

function findRates(query: CostQuery, source: PriceSource): { entry: PriceEntry; rates: Rates } | undefined {
  const { provider, model, requestedModel, prices = {}, serviceTier, at } = query;
  for (const id of [model, requestedModel]) {
    if (id === undefined || !Object.hasOwn(prices, id)) continue;
    const rates = prices[id];
    return rates && { entry: { id, provider, source: "table" }, rates };
  }
  const atListPrice = serviceTier === undefined || listPriceTiers.has(serviceTier.toLowerCase());
  return atListPrice && Number.isFinite(at) ? source.find(provider, model, at) : undefined;
}

/** The counts as parts that do not overlap, each charged once; `undefined` when they contradict each other. */
function partition(tokens: Tokens): Record<TokenKind, number> | undefined {
  const { input, output, cacheRead = 0, cacheWrite = 0, cacheWrite1h = 0 } = tokens;
  const { reasoning = 0, inputAudio = 0, outputAudio = 0, cacheAudioRead = 0 } = tokens;
  if (!isCount(input) || !isCount(output) || !isCount(reasoning)) return undefined;
  const cached = [cacheRead, cacheWrite, cacheWrite1h];
  if (!cached.every(isCount) || ![inputAudio, outputAudio, cacheAudioRead].every(isCount)) return undefined;
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
  return reasoning <= output && Object.values(parts).every((part) => part >= 0) ? parts : undefined;
}

function isCount(value: number | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function sum(
  kinds: readonly TokenKind[],
  parts: Record<TokenKind, number>,
  rates: Rates,
  requestSize = 0,
): number | undefined {
  let usd = 0;
  for (const kind of kinds) {
    if (parts[kind] === 0) continue;
    // Own properties only: rates can be an object the caller made.
    const price = Object.hasOwn(rates, kind) ? priceAt(rates[kind], requestSize) : undefined;
    if (price === undefined || !Number.isFinite(price) || price < 0) return undefined;
    usd += (parts[kind] * price) / 1e6;
  }
  return usd;
}

function priceAt(rate: Rate | undefined, requestSize: number): number | undefined {
  if (typeof rate !== "object") return rate;
  return rate.tiers.findLast((tier) => requestSize > tier.start)?.price ?? rate.base;
}
