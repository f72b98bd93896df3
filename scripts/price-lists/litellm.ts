import type { TokenKind } from "../../src/money/price-types.ts";
import { rounded, type Statement, type StepRates, times } from "./statement.ts";

// The price file inside `litellm`, https://docs.litellm.ai/docs/provider_registration/add_model_pricing.

export type LitellmModel = Readonly<Record<string, unknown>>;

const kinds: ReadonlyMap<string, TokenKind> = new Map([
  ["input_cost_per_token", "input"],
  ["cache_read_input_token_cost", "cacheRead"],
  ["cache_creation_input_token_cost", "cacheWrite"],
  ["cache_creation_input_token_cost_above_1hr", "cacheWrite1h"],
  ["input_cost_per_audio_token", "inputAudio"],
  ["cache_read_input_audio_token_cost", "cacheAudioRead"],
  ["output_cost_per_token", "output"],
  ["output_cost_per_audio_token", "outputAudio"],
]);

// `input_cost_per_token_above_200k_tokens_priority`: the kind, a size, a tier.
const keyForm = /^(.+?)(?:_above_(\d+)k_tokens)?(?:_(flex|priority|batches|fast))?$/;

/** What the file says about one of its keys. */
export function litellmStatement(key: string, model: LitellmModel): Statement {
  const byTier = new Map<string, { [Kind in TokenKind]?: { start: number; price: number }[] }>();
  for (const [field, price] of Object.entries(model)) {
    const [, base = "", thousands, suffix] = keyForm.exec(field) ?? [];
    const kind = kinds.get(base);
    if (kind === undefined || typeof price !== "number") continue;
    const tier = suffix === "batches" ? "batch" : (suffix ?? "");
    const rates = byTier.get(tier) ?? {};
    byTier.set(tier, rates);
    rates[kind] ??= [];
    rates[kind].push({ start: Number(thousands ?? 0) * 1000, price: rounded(price * 1e6) });
  }
  // What is free is so on conditions that the file does not tell.
  const isFree =
    !byTier.get("")?.output?.some(({ price }) => price > 0) && !byTier.get("")?.input?.some(({ price }) => price > 0);
  if (isFree) byTier.clear();
  const rates = ordered(byTier.get("") ?? {});
  const tiers: Record<string, { rates: StepRates }> = {};
  for (const [tier, found] of byTier) if (tier !== "") tiers[tier] = { rates: ordered(found) };
  const factors = (model.provider_specific_entry ?? {}) as Record<string, unknown>;
  if (typeof factors.fast === "number") tiers.fast = { rates: times(rates, factors.fast) };
  return {
    id: key,
    rates,
    tiers,
    regions: typeof factors.us === "number" ? { us: factors.us } : undefined,
    context: numberIn(model.max_input_tokens),
    limit: numberIn(model.max_output_tokens),
    retires: textIn(model.deprecation_date),
    successor: textIn(model.successor_model),
    source: textIn(model.source),
    otherUnits: hasOtherUnits(model),
  };
}

/** Sorted by size; what has a price for large requests alone has none for small ones, and is left out. */
function ordered(found: { [Kind in TokenKind]?: { start: number; price: number }[] }): StepRates {
  const rates = Object.entries(found).map(
    ([kind, steps]) => [kind, steps.toSorted((a, b) => a.start - b.start)] as const,
  );
  return Object.fromEntries(rates.filter(([, steps]) => steps[0]?.start === 0));
}

function hasOtherUnits(model: LitellmModel): boolean {
  const { input_cost_per_token: input, output_cost_per_token: output } = model;
  const { supported_output_modalities: gives } = model;
  const givesText = Array.isArray(gives) && gives.every((form) => form === "text");
  // Models that draw nothing have such a price, too.
  if (!givesText && (model.output_cost_per_image_token ?? model.output_cost_per_image) !== undefined) return true;
  const sameAs = [
    ["input_cost_per_image_token", input],
    ["input_cost_per_video_token", input],
    ["output_cost_per_reasoning_token", output],
  ] as const;
  return sameAs.some(([key, price]) => model[key] !== undefined && model[key] !== price);
}

function numberIn(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

function textIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
