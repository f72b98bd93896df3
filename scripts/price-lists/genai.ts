import { isSameModel, sizesDiffer } from "../../src/money/model-name.ts";
import type { TokenKind } from "../../src/money/price-types.ts";
import type { Statement, StepRates } from "./statement.ts";

// `genai-prices`, https://github.com/pydantic/genai-prices: the shapes of its data module.

interface Clause {
  readonly $: string;
  readonly equals?: string;
  readonly starts_with?: string;
  readonly ends_with?: string;
  readonly contains?: string;
  readonly regex?: string;
  readonly or_?: readonly Clause[];
  readonly and_?: readonly Clause[];
}

type ListPrice = number | { readonly base: number; readonly tiers: readonly { start: number; price: number }[] };
type ListPrices = Readonly<Record<string, ListPrice | string>>;
interface Constraint {
  readonly $: string;
  readonly start_date?: string;
}

interface ListModel {
  readonly id: string;
  readonly match: Clause;
  readonly name?: string;
  readonly context_window?: number;
  readonly price_comments?: string;
  readonly prices: ListPrices | readonly { readonly constraint?: Constraint | null; readonly prices: ListPrices }[];
  readonly price_variants?: readonly {
    readonly when: Readonly<Record<string, string>>;
    readonly prices: ListPrices;
    readonly constraint?: Constraint | null;
  }[];
}

export interface GenaiProvider {
  readonly id: string;
  readonly pricing_urls: readonly string[];
  readonly models: readonly ListModel[];
}

const kinds: ReadonlyMap<string, TokenKind> = new Map([
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
const fees: ReadonlySet<string> = new Set(["$", "web_searches_kcount", "storage_searches_kcount"]);

/** A model of this list: what it says, and under which names. */
export interface GenaiModel extends Statement {
  readonly names: readonly string[];
  /** True where the list's own rule takes this name for the model, and the name is no other model's. */
  covers(name: string): boolean;
}

/**
 * What the list says on a day, about the models of one of its providers. Prices that it took from a reseller are
 * somebody else's, and free ones hold on conditions that no list tells: both are left out.
 */
export function genaiModels({ models, pricing_urls }: GenaiProvider, day: string): GenaiModel[] {
  return models.flatMap((model) => {
    if (/open ?router/i.test(model.price_comments ?? "")) return [];
    const statement = stateOf(model, day, pricing_urls[0]);
    const isFree = Object.keys(statement.rates).length === 0 && !statement.otherUnits;
    if (isFree) return [];
    const names = [...new Set([model.id, ...textsIn(model.match)].map((name) => name.toLowerCase()))];
    const covers = (name: string) =>
      matches(model.match, name) && !sizesDiffer(name, model.id) && names.some((known) => isSameModel(name, known));
    return [{ ...statement, names: names.filter(isName), covers }];
  });
}

/** A beginning of names is none, and neither is a reseller's free one. */
function isName(name: string): boolean {
  return !name.endsWith("-") && !name.includes(":free");
}

function stateOf(model: ListModel, day: string, source: string | undefined): Statement {
  const periods = Array.isArray(model.prices)
    ? model.prices.map(({ constraint, prices }) => ({ since: constraint?.start_date ?? "", constraint, prices }))
    : [{ since: "", constraint: null, prices: model.prices as ListPrices }];
  const now = periods.findLast(({ since }) => since <= day) ?? periods[0];
  const base = now?.prices ?? {};
  const otherUnits = periods.some(
    // Prices by time of day belong to none of our providers: better no price than half a rule.
    ({ constraint, prices }) => constraint?.$ === "TimeOfDateConstraint" || hasOtherUnits(prices),
  );
  const tiers: Record<string, { since?: string; rates: StepRates }> = {};
  for (const { when, prices, constraint } of model.price_variants ?? []) {
    const [tier = ""] = Object.values(when);
    if (tier === "default") continue;
    const since = constraint?.start_date;
    // A variant says what differs; the rest stays.
    tiers[tier] = { ...(since !== undefined && { since }), rates: readRates({ ...base, ...prices }) };
  }
  return {
    id: model.id,
    name: model.name,
    rates: readRates(base),
    tiers,
    periods: periods
      .filter((period) => period !== now)
      .map(({ since, prices }) => ({ since, rates: readRates(prices) })),
    since: now?.since || undefined,
    context: model.context_window,
    source,
    otherUnits,
  };
}

function hasOtherUnits(prices: ListPrices): boolean {
  return Object.entries(prices).some(([key, price]) => {
    if (kinds.has(key) || fees.has(key)) return false;
    // Pictures in and thoughts out at the price of text are told apart by nobody.
    const same =
      key === "input_image_mtok" ? "input_mtok" : key === "output_reasoning_mtok" ? "output_mtok" : undefined;
    return same === undefined || JSON.stringify(price) !== JSON.stringify(prices[same]);
  });
}

function readRates(prices: ListPrices): StepRates {
  const rates: { [Kind in TokenKind]?: { start: number; price: number }[] } = {};
  for (const [key, price] of Object.entries(prices)) {
    const kind = kinds.get(key);
    if (kind === undefined || typeof price === "string") continue;
    const { base, tiers } = typeof price === "number" ? { base: price, tiers: [] } : price;
    const steps = tiers.map(({ start, price }) => ({ start, price })).sort((a, b) => a.start - b.start);
    rates[kind] = [{ start: 0, price: base }, ...steps];
  }
  return rates;
}

function textsIn(clause: Clause): string[] {
  const text = clause.equals ?? clause.starts_with ?? clause.ends_with ?? clause.contains;
  return [...(text === undefined ? [] : [text]), ...[...(clause.or_ ?? []), ...(clause.and_ ?? [])].flatMap(textsIn)];
}

function matches(clause: Clause, name: string): boolean {
  const { equals, starts_with, ends_with, contains, regex, or_, and_ } = clause;
  if (or_ !== undefined) return or_.some((part) => matches(part, name));
  if (and_ !== undefined) return and_.every((part) => matches(part, name));
  if (equals !== undefined) return name === equals.toLowerCase();
  if (starts_with !== undefined) return name.startsWith(starts_with.toLowerCase());
  if (ends_with !== undefined) return name.endsWith(ends_with.toLowerCase());
  if (contains !== undefined) return name.includes(contains.toLowerCase());
  return regex !== undefined && new RegExp(regex).test(name);
}
