import { isSameModel, regionOf } from "../../src/money/model-name.ts";
import type { FiledEntry, FiledPrice, FiledRates, FiledSteps } from "../../src/money/price-file.ts";
import type { TokenKind } from "../../src/money/price-types.ts";
import type { GenaiModel } from "./genai.ts";
import type { Statement, StepRates, Steps } from "./statement.ts";

/** Two figures are one where they differ by no more than this. */
const tolerance = 0.01;

/** What the other list says, under the name that the provider takes. */
export interface NamedStatement extends Statement {
  readonly model: string;
}

/** The entries of one provider: what the two lists say about each of its models, side by side. */
export function join(
  models: readonly GenaiModel[],
  statements: readonly NamedStatement[],
  sourceAt: (url: string | undefined) => number | undefined,
): FiledEntry[] {
  const entries = new Map<string, FiledEntry & { n: string[] }>();
  const named = new Map<GenaiModel, string[]>();
  const add = (name: string, entry: Omit<FiledEntry, "n">) => {
    const key = JSON.stringify(entry);
    const known = entries.get(key);
    if (known === undefined) entries.set(key, { n: [name], ...entry });
    else if (!known.n.includes(name)) known.n.push(name);
  };
  for (const statement of statements) {
    const model = modelFor(statement.model, models);
    if (model !== undefined) named.set(model, [...(named.get(model) ?? []), statement.model]);
    add(statement.model, entryOf(model, statement, sourceAt));
  }
  for (const model of models) {
    for (const name of model.names) {
      // Its own word for several regions; and GovCloud, where AWS asks more than the one price it has for all of them.
      if (/^(?:regional|us-gov)\./.test(name) || statements.some((statement) => statement.model === name)) continue;
      const same = (known: string) =>
        regionOf(known) === regionOf(name) &&
        known.endsWith("-latest") === name.endsWith("-latest") &&
        isSameModel(name, known);
      if (!named.get(model)?.some(same)) add(name, entryOf(model, undefined, sourceAt));
    }
  }
  return [...entries.values()];
}

function modelFor(name: string, models: readonly GenaiModel[]): GenaiModel | undefined {
  const region = regionOf(name);
  const speaksOf = (model: GenaiModel) =>
    region === undefined || region === "us" || model.names.some((known) => regionOf(known) === region);
  // `@default` is Vertex AI's word for the newest release of a model: the model itself.
  const plain = name.replace(/@default$/, "");
  return (
    models.find((model) => model.names.includes(plain)) ??
    models.find((model) => speaksOf(model) && model.covers(plain))
  );
}

function entryOf(
  model: GenaiModel | undefined,
  statement: NamedStatement | undefined,
  sourceAt: (url: string | undefined) => number | undefined,
): Omit<FiledEntry, "n"> {
  const [first, second] = [model?.rates ?? {}, statement?.rates ?? {}];
  const has = { genai: Object.keys(first).length > 0, litellm: Object.keys(second).length > 0 };
  const only = has.genai && has.litellm ? undefined : has.genai ? "g" : has.litellm ? "l" : undefined;
  const otherUnits = Boolean(model?.otherUnits || statement?.otherUnits);
  const sources = [
    has.genai ? sourceAt(model?.source) : undefined,
    has.litellm ? sourceAt(statement?.source) : undefined,
  ];
  const known = sources.filter((source) => source !== undefined);
  const context = statement?.context ?? model?.context;
  const { limit, retires, successor, regions } = statement ?? {};
  return {
    ...(model?.name !== undefined && { name: model.name }),
    ...(context !== undefined && { ctx: context }),
    ...(limit !== undefined && { out: limit }),
    ...(retires !== undefined && { end: retires }),
    ...(successor !== undefined && { next: successor }),
    ...(known.length > 0 && { s: [...new Set(known)] }),
    ...(otherUnits ? { other: true as const } : prices(model, statement, only, regions)),
  };
}

function prices(
  model: GenaiModel | undefined,
  statement: NamedStatement | undefined,
  only: "g" | "l" | undefined,
  regions: Readonly<Record<string, number>> | undefined,
): Partial<FiledEntry> {
  const tiers = [...new Set([...Object.keys(model?.tiers ?? {}), ...Object.keys(statement?.tiers ?? {})])].sort();
  const filed = tiers.map((tier) => {
    const [first, second] = [model?.tiers[tier], statement?.tiers[tier]];
    const rates = joinRates(first?.rates, second?.rates, only);
    // A day that one list gives bounds what it says alone; where the other says the same, the price is as old.
    return [tier, first?.since !== undefined && second === undefined ? { since: first.since, r: rates } : { r: rates }];
  });
  const periods = (model?.periods ?? []).map(({ since, rates }) => ({ since, r: joinRates(rates, undefined, "g") }));
  return {
    ...(only !== undefined && { in: only }),
    ...(model?.since !== undefined && { since: model.since }),
    r: joinRates(model?.rates, statement?.rates, only),
    ...(filed.length > 0 && { t: Object.fromEntries(filed) }),
    ...(regions !== undefined && { geo: regions }),
    ...(periods.length > 0 && { p: periods }),
  };
}

function joinRates(
  first: StepRates | undefined,
  second: StepRates | undefined,
  only: "g" | "l" | undefined,
): FiledRates {
  const kinds = new Set([...Object.keys(first ?? {}), ...Object.keys(second ?? {})]) as Set<TokenKind>;
  return Object.fromEntries([...kinds].map((kind) => [kind, joinSteps(first?.[kind], second?.[kind], only)]));
}

function joinSteps(first: Steps | undefined, second: Steps | undefined, only: "g" | "l" | undefined): FiledSteps {
  const starts = [...new Set([...(first ?? []), ...(second ?? [])].map(({ start }) => start))].sort((a, b) => a - b);
  const steps: (number | FiledPrice)[] = [];
  for (const start of starts) {
    const price = joinPrices(priceAt(first, start), priceAt(second, start), only);
    if (steps.length === 0) steps.push(price);
    else if (steps.at(-1) !== price) steps.push(start, price);
  }
  return steps.length === 1 ? (steps[0] as FiledPrice) : (steps as FiledSteps);
}

function priceAt(steps: Steps | undefined, start: number): number | undefined {
  return steps?.findLast((step) => step.start <= start)?.price;
}

function joinPrices(first: number | undefined, second: number | undefined, only: "g" | "l" | undefined): FiledPrice {
  if (second === undefined) return only === undefined ? `g:${first}` : (first as number);
  if (first === undefined) return only === undefined ? `l:${second}` : second;
  const differ = Math.abs(first - second) > tolerance * Math.max(Math.abs(first), Math.abs(second));
  return differ ? `${first}|${second}` : first;
}

/** Both lists price sound at the price of text where they give it none of its own: so does Google. */
export function withSound<S extends Statement>(statement: S): S {
  const clean = (rates: StepRates): StepRates => ({
    ...rates,
    ...(rates.input && !rates.inputAudio && { inputAudio: rates.input }),
    // Where sound costs more than text, it does so in the cache too, and nobody says how much.
    ...(rates.cacheRead && !rates.inputAudio && !rates.cacheAudioRead && { cacheAudioRead: rates.cacheRead }),
  });
  const tiers = Object.entries(statement.tiers).map(([tier, { rates, ...rest }]) => [
    tier,
    { ...rest, rates: clean(rates) },
  ]);
  return { ...statement, rates: clean(statement.rates), tiers: Object.fromEntries(tiers) };
}
