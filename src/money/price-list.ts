import { isSameModel, regionOf, sizesDiffer, snapshotOf, withoutPath } from "./model-name.ts";
import type { FiledEntry, FiledPrice, FiledRates, FiledSteps, PriceFile } from "./price-file.ts";
import type {
  FoundPrices,
  ModelFacts,
  Price,
  PriceConditions,
  PriceEntry,
  PriceSource,
  Rate,
  Rates,
} from "./price-types.ts";

/** The names providers give the tier that is billed at list price. */
const standardTiers: ReadonlySet<string> = new Set(["default", "standard", "on_demand"]);
/** What Anthropic says of an answer that was computed anywhere, or of a model that has no choice of it. */
const anywhere: ReadonlySet<string> = new Set(["global", "not_available"]);
const rememberedModels = 256;
const noPrices = (provider: string) => `The price list knows no prices of ${provider}.`;

/** A price file as a price list. Throws `TypeError` for a value that is none. */
export function readPriceFile(value: unknown): Required<PriceSource> {
  const file = value as PriceFile | null | undefined;
  if (file?.format !== "callscope/prices" || file.version !== 1 || typeof file.models !== "object") {
    throw new TypeError("This is no price file: node scripts/prices.ts --out FILE makes one.");
  }
  const list = new PriceList(file);
  return {
    find: (provider, model, at, conditions) => list.find(provider, model, at, conditions),
    about: (provider, model) => list.about(provider, model),
  };
}

interface Matched {
  readonly entry: FiledEntry;
  readonly id: string;
  /** The prices of today, where they are the same at all times since. */
  steady?: FoundPrices;
}

type Match = Matched | { readonly reason: string };

class PriceList {
  readonly #file: PriceFile;
  readonly #indexes = new Map<string, ReadonlyMap<string, FiledEntry>>();
  readonly #remembered = new Map<string, Map<string, Match>>();

  constructor(file: PriceFile) {
    this.#file = file;
  }

  find(provider: string, model: string, at: number, { tier, region }: PriceConditions = {}): FoundPrices {
    const match = this.#match(provider, model);
    if ("reason" in match) return match;
    const usual = (tier === undefined || standardTiers.has(tier)) && (region === undefined || anywhere.has(region));
    if (usual && match.steady !== undefined) return match.steady;
    const found = this.#found(match, provider, at, tier, region);
    // One price for all times, at the usual conditions: each answer asks for it.
    if (usual && match.entry.p === undefined && match.entry.since === undefined) match.steady = found;
    return found;
  }

  #found({ entry, id }: Matched, provider: string, at: number, tier?: string, region?: string): FoundPrices {
    if (entry.other) return { reason: `${id} is sold by other units than tokens, too.` };
    const filed = ratesAt(entry, id, at, tierOf(tier));
    if ("reason" in filed) return filed;
    const factor = region === undefined || anywhere.has(region) ? 1 : entry.geo?.[region];
    if (factor === undefined) return { reason: `The price of ${id} for answers computed in "${region}" is not known.` };
    const named = { id, provider, ...(entry.name !== undefined && { name: entry.name }) };
    const urls = entry.s?.flatMap((index) => this.#file.sources[index] ?? []);
    const found: PriceEntry = {
      ...named,
      ...(filed.since !== undefined && { since: filed.since }),
      source: "list",
      read: this.#file.read,
      ...(urls && urls.length > 0 && { urls }),
    };
    return { entry: found, rates: readRates(filed.rates, filed.list ?? entry.in, factor) };
  }

  about(provider: string, model: string): ModelFacts | undefined {
    const match = this.#match(provider, model);
    if ("reason" in match) return undefined;
    const { ctx, out, end, next } = match.entry;
    return {
      ...(ctx !== undefined && { contextTokens: ctx }),
      ...(out !== undefined && { outputTokens: out }),
      ...(end !== undefined && { retires: end }),
      ...(next !== undefined && { successor: next }),
    };
  }

  #match(provider: string, model: string): Match {
    let models = this.#remembered.get(provider);
    if (models === undefined) {
      if (this.#remembered.size >= rememberedModels) this.#remembered.clear();
      models = new Map();
      this.#remembered.set(provider, models);
    }
    const known = models.get(model);
    if (known !== undefined) return known;
    const match = this.#look(provider, model.toLowerCase().trim());
    // Names can come from a server's own users, so what is remembered has a bound.
    if (models.size >= rememberedModels) models.clear();
    models.set(model, match);
    return match;
  }

  #look(provider: string, model: string): Match {
    const index = this.#index(provider);
    if (index === undefined) return { reason: noPrices(provider) };
    for (const id of [model, withoutPath(model)]) {
      const entry = index.get(id);
      if (entry !== undefined) return { entry, id };
    }
    const alike = [...index].filter(([id]) => isAlike(model, id));
    const snapshot = snapshotOf(model);
    const exact = alike.filter(([id]) => snapshotOf(id) === snapshot);
    const [first, ...others] = exact.length > 0 ? exact : alike;
    if (first === undefined) return { reason: `The price list does not know the model ${model} of ${provider}.` };
    if (others.some(([, entry]) => !hasSamePrices(entry, first[1]))) {
      return { reason: `The price list has models of ${provider} at several prices that ${model} could be.` };
    }
    return { entry: first[1], id: first[0] };
  }

  #index(provider: string): ReadonlyMap<string, FiledEntry> | undefined {
    const known = this.#indexes.get(provider);
    if (known !== undefined || !Object.hasOwn(this.#file.models, provider)) return known;
    const made = new Map<string, FiledEntry>();
    for (const entry of this.#file.models[provider] ?? []) {
      for (const name of entry.n) if (!made.has(name)) made.set(name, entry);
    }
    this.#indexes.set(provider, made);
    return made;
  }
}

/**
 * True where the model is the one of the list, in another spelling or a release of it. What `…-latest` means moves, and a
 * region has prices of its own: both must stand in the list as they are.
 */
function isAlike(model: string, id: string): boolean {
  if (model.endsWith("-latest") || id.endsWith("-latest") || regionOf(model) !== regionOf(id)) return false;
  return !sizesDiffer(model, id) && isSameModel(model, id);
}

function hasSamePrices(a: FiledEntry, b: FiledEntry): boolean {
  return JSON.stringify([a.r, a.t, a.p, a.other]) === JSON.stringify([b.r, b.t, b.p, b.other]);
}

function tierOf(tier: string | undefined): string | undefined {
  // Google says ON_DEMAND_FLEX and ON_DEMAND_PRIORITY.
  const name = tier?.toLowerCase().replace(/^on_demand_/, "");
  return name === undefined || standardTiers.has(name) ? undefined : name;
}

type DatedRates =
  | { readonly rates: FiledRates; readonly since?: string | undefined; readonly list?: "g" | "l" | undefined }
  | { readonly reason: string };

/** The prices in effect at a time, at a tier. */
function ratesAt(entry: FiledEntry, id: string, at: number, tier: string | undefined): DatedRates {
  const now = { since: entry.since ?? "", r: entry.r };
  const has = ({ since }: { since: string }) => since === "" || Date.parse(since) <= at;
  const period =
    entry.p === undefined
      ? has(now) && now
      : [...entry.p, now]
          .filter(has)
          .sort((a, b) => (a.since < b.since ? -1 : 1))
          .at(-1);
  if (!period || period.r === undefined || Object.keys(period.r).length === 0) {
    return { reason: `The price list has no price of ${id} for that time.` };
  }
  const since = period.since || undefined;
  // Other times stand in the list that keeps a history alone.
  if (tier === undefined) return { rates: period.r, since, list: period.r === entry.r ? undefined : "g" };
  const tiers = entry.t ?? {};
  const filed = Object.hasOwn(tiers, tier) && period.r === entry.r ? tiers[tier] : undefined;
  if (filed === undefined || !has({ since: filed.since ?? "" })) {
    return { reason: `The price of ${id} at the service tier "${tier}" is not known.` };
  }
  return { rates: filed.r, since: filed.since ?? since };
}

// The list does not change: what was read of it once is read.
const known = new WeakMap<FiledRates, { readonly list: "g" | "l" | undefined; readonly rates: Rates }>();

function readRates(filed: FiledRates, list: "g" | "l" | undefined, factor: number): Rates {
  const before = factor === 1 ? known.get(filed) : undefined;
  if (before !== undefined && before.list === list) return before.rates;
  const read = readRatesAnew(filed, list, factor);
  if (factor === 1) known.set(filed, { list, rates: read });
  return read;
}

function readRatesAnew(filed: FiledRates, list: "g" | "l" | undefined, factor: number): Rates {
  const rates = Object.entries(filed).map(([kind, steps]) => [kind, readSteps(steps, list, factor)] as const);
  return Object.fromEntries(rates);
}

function readSteps(steps: FiledSteps, list: "g" | "l" | undefined, factor: number): Rate {
  if (!Array.isArray(steps)) return readPrice(steps as FiledPrice, list, factor);
  const [base, ...rest] = steps as FiledPrice[];
  const tiers: { start: number; price: Price }[] = [];
  for (let i = 0; i + 1 < rest.length; i += 2) {
    tiers.push({ start: Number(rest[i]), price: readPrice(rest[i + 1] as FiledPrice, list, factor) });
  }
  return { base: readPrice(base as FiledPrice, list, factor), tiers };
}

const listNames = { g: "genai-prices", l: "litellm" } as const;

function readPrice(filed: FiledPrice, list: "g" | "l" | undefined, factor: number): Price {
  const text = String(filed);
  const [first = "", second = ""] = text.split("|");
  if (second !== "") {
    return {
      usd: undefined,
      quotes: { [listNames.g]: Number(first) * factor, [listNames.l]: Number(second) * factor },
    };
  }
  const alone = text.startsWith("g:") ? "g" : text.startsWith("l:") ? "l" : list;
  const usd = Number(text.replace(/^[gl]:/, "")) * factor;
  const quotes = alone === undefined ? { [listNames.g]: usd, [listNames.l]: usd } : { [listNames[alone]]: usd };
  // The factors stand in one list.
  return { usd, quotes: factor === 1 ? quotes : { [listNames.l]: usd } };
}
