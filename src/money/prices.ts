import type { MatchLogic, ModelInfo, ModelPrice, Provider, TieredPrices } from "@pydantic/genai-prices";
import { isSameFamily, isSameModel, sizesDiffer, snapshotOf, withoutPath } from "./model-name.ts";

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

/**
 * USD per million tokens. With `tiers`, the whole request is charged at the price of the last tier whose `start` (input
 * tokens, cached ones included) it exceeds, or at `base`.
 */
export type Rate = number | { readonly base: number; readonly tiers: readonly { start: number; price: number }[] };

/** What each kind of token costs; a kind that is absent has no known price. */
export type Rates = { readonly [Kind in TokenKind]?: Rate };

/** Which price list entry a cost was worked out with. */
export interface PriceEntry {
  /** The entry's own id: a model name, or the key of the caller's table. */
  readonly id: string;
  /** Whose price it is. For a model that Azure or Vertex resells at list price, its vendor. */
  readonly provider: string;
  readonly name?: string;
  /** The first day the price holds (`2026-07-30`, UTC), when the list gives one. */
  readonly since?: string;
  readonly source: "table" | "genai-prices" | "provider" | "cache";
}

/** A price list. `loadPrices` gives the maintained one; any object with this method is another. */
export interface PriceSource {
  /** The prices of a model at an instant (epoch milliseconds), or `undefined` when they are not known for certain. */
  find(provider: string, model: string, at: number): { readonly entry: PriceEntry; readonly rates: Rates } | undefined;
}

/** What is used of the data package. */
type PriceData = Pick<typeof import("@pydantic/genai-prices"), "calcPrice" | "findProvider">;

interface Period {
  readonly from: number;
  readonly entry: PriceEntry;
  readonly rates: Rates;
}

interface Known {
  /** The provider the periods were read from: another object once the package's data was updated. */
  readonly provider: Provider;
  readonly periods: readonly Period[];
}

const kindOfKey: ReadonlyMap<string, TokenKind> = new Map([
  ["input_mtok", "input"],
  ["cache_read_mtok", "cacheRead"],
  ["cache_write_mtok", "cacheWrite"],
  ["cache_write_1h_mtok", "cacheWrite1h"],
  ["input_audio_mtok", "inputAudio"],
  ["cache_audio_read_mtok", "cacheAudioRead"],
  ["output_mtok", "output"],
  ["output_audio_mtok", "outputAudio"],
]);

/** Fees for the provider's own tools: they come on top of the tokens and leave their prices as they are. */
const feeKeys: ReadonlySet<string> = new Set(["web_searches_kcount", "storage_searches_kcount"]);

/**
 * Vendors whose models cost on Azure and Vertex what the vendor itself asks. Open-weight models do not: every host sets
 * its own price. https://azure.microsoft.com/pricing/details/ai-foundry-models (November 2026)
 */
const resoldAtListPrice: ReadonlySet<string> = new Set(["openai", "anthropic", "x-ai"]);

const rememberedModels = 256;

/**
 * The maintained price list (`@pydantic/genai-prices`), loaded on the first use. It never rejects: without the package
 * every price is unknown. An update through the package's own `updatePrices` is followed.
 */
export function loadPrices(): Promise<PriceSource> {
  loaded ??= load().then((source) => {
    list = source;
    return source;
  });
  return loaded;
}

/** The maintained price list where it is loaded already, else one that knows no price. */
export function loadedPrices(): PriceSource {
  return list ?? unknownPrices;
}

// The list itself, not a setting: it is the same for whoever asks.
let loaded: Promise<PriceSource> | undefined;
let list: PriceSource | undefined;
const unknownPrices: PriceSource = { find: () => undefined };

async function load(): Promise<PriceSource> {
  try {
    return sourceOf(await import("@pydantic/genai-prices"));
  } catch {
    return { find: () => undefined };
  }
}

function sourceOf(data: PriceData): PriceSource {
  const remembered = new Map<string, Known>();
  return {
    find(providerId, model, at) {
      const [vendor, name] = vendorAndName(providerId, model.toLowerCase().trim());
      const provider = data.findProvider({ providerId: vendor });
      if (provider === undefined) return undefined;
      const key = `${vendor}\n${name}`;
      let known = remembered.get(key);
      if (known?.provider !== provider) {
        known = { provider, periods: periodsOf(data, provider, name) };
        // Names can come from a server's own users, so what is remembered has a bound.
        if (remembered.size >= rememberedModels) remembered.clear();
        remembered.set(key, known);
      }
      return known.periods.findLast((period) => period.from <= at);
    },
  };
}

/** LiteLLM names a model `vendor/model`; without the vendor its names are the proxy owner's own and mean nothing here. */
function vendorAndName(provider: string, model: string): [string, string] {
  const slash = model.indexOf("/");
  return provider === "litellm" && slash > 0 ? [model.slice(0, slash), model.slice(slash + 1)] : [provider, model];
}

function periodsOf(data: PriceData, provider: Provider, name: string): readonly Period[] {
  for (const candidate of new Set([name, withoutPath(name)])) {
    const model = lookUp(data, provider, candidate);
    const owner = model && ownerOf(data, provider, model);
    if (model && owner && isEntryFor(model, name) && !isOutdatedAlias(owner, model, name)) {
      return readPeriods(owner, model);
    }
  }
  return [];
}

function lookUp(data: PriceData, provider: Provider, name: string): ModelInfo | undefined {
  try {
    return data.calcPrice({}, name, { providerId: provider.id })?.model;
  } catch {
    // The package throws on an entry it cannot price, which updated data can hold.
    return undefined;
  }
}

/** The provider whose list holds the model: the one asked, or a vendor whose models it resells at list price. */
function ownerOf(data: PriceData, provider: Provider, model: ModelInfo): Provider | undefined {
  if (provider.models.includes(model)) return provider;
  return provider.fallback_model_providers
    ?.filter((id) => resoldAtListPrice.has(id))
    .map((id) => data.findProvider({ providerId: id }))
    .find((vendor) => vendor?.models.includes(model));
}

/**
 * The package matches by prefix and substring, so `claude-sonnet-5-9` finds `claude-sonnet-5` and `gemini-1.5-flash-8b`
 * finds `gemini-1.5-flash`. An entry counts only if one of the names it gives itself is the requested model.
 */
function isEntryFor(model: ModelInfo, name: string): boolean {
  if (sizesDiffer(name, model.id)) return false;
  return [model.id, ...namesIn(model.match)].some((known) => isSameModel(name, known));
}

function namesIn(match: MatchLogic): string[] {
  if ("or" in match) return match.or.flatMap(namesIn);
  if ("and" in match) return match.and.flatMap(namesIn);
  if ("equals" in match) return [match.equals];
  if ("starts_with" in match) return [match.starts_with];
  if ("ends_with" in match) return [match.ends_with];
  if ("contains" in match) return [match.contains];
  return [];
}

/**
 * True when the list contradicts itself on what `…-latest` costs today: it has a newer snapshot of the model at another
 * price, and the alias's own entry knows nothing of it (`mistral-large-latest` is listed at the price of 2411 beside 2512).
 */
function isOutdatedAlias(owner: Provider, model: ModelInfo, name: string): boolean {
  const { prices } = model;
  // Prices with start dates follow the alias from model to model.
  if (!name.endsWith("-latest") || Array.isArray(prices)) return false;
  const knownSnapshot = newest([model.id, ...namesIn(model.match)]);
  const family = owner.models.filter(({ id }) => isSameFamily(id, name));
  const newestSnapshot = newest(family.map(({ id }) => id));
  if (newestSnapshot <= knownSnapshot) return false;
  const rival = family.find(({ id }) => snapshotOf(id) === newestSnapshot);
  const rivalPrices = Array.isArray(rival?.prices) ? rival.prices.at(-1)?.prices : rival?.prices;
  return ["input_mtok", "output_mtok"].some((key) => !isSamePrice(prices[key], rivalPrices?.[key]));
}

/** The newest snapshot among model names of one family, where they sort by age; empty when none has one. */
function newest(names: readonly string[]): string {
  const snapshots = names.map((name) => snapshotOf(name) ?? "");
  return snapshots.toSorted().at(-1) ?? "";
}

function isSamePrice(a: number | TieredPrices | undefined, b: number | TieredPrices | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function readPeriods(owner: Provider, model: ModelInfo): readonly Period[] {
  const periods: Period[] = [];
  for (const { constraint, prices } of Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }]) {
    const rates = readRates(prices);
    // Prices by time of day belong to none of our providers: better no price than half a rule.
    if (rates === undefined || constraint?.type === "time_of_date") return [];
    const since = constraint?.start_date;
    const entry: PriceEntry = {
      id: model.id,
      provider: owner.id,
      ...(model.name === undefined ? {} : { name: model.name }),
      ...(since === undefined ? {} : { since }),
      source: "genai-prices",
    };
    periods.push({ from: since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since), entry, rates });
  }
  return periods;
}

/** `undefined` for a model that is also sold by units our token counts do not tell apart (images, video, requests). */
function readRates(prices: ModelPrice): Rates | undefined {
  const rates: { [Kind in TokenKind]?: Rate } = {};
  for (const [key, price] of Object.entries(prices)) {
    const kind = kindOfKey.get(key);
    if (kind === undefined && price !== undefined && !feeKeys.has(key)) return undefined;
    if (kind === undefined || price === undefined) continue;
    rates[kind] =
      typeof price === "number"
        ? price
        : { base: price.base, tiers: price.tiers.toSorted((a, b) => a.start - b.start) };
  }
  return rates;
}
