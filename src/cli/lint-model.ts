import type { ProviderTypes } from "../contract/provider.ts";
import { costOf, type PriceSource } from "../money/cost.ts";
import { isSameModel } from "../money/model-name.ts";
import type { Prepared } from "../prepare/prepare.ts";
import type { Finding } from "./finding.ts";
import { modelNotes } from "./model-data.ts";
import type { Sample } from "./samples.ts";

/** The day it is checked for, and how near a retirement is soon. */
export interface Days {
  /** `2026-12-01`. */
  readonly on: string;
  readonly soon: number;
}

/** Whether the model is retired or soon will be, and whether its price is known. */
export function lintModel(
  { provider, sending }: Sample["definition"],
  prepared: Prepared<ProviderTypes>,
  source: PriceSource,
  days: Days,
): Finding[] {
  const priced = prepared.priced ?? { provider: prepared.provider, model: prepared.model };
  const found = retirementOf(prepared, priced, source, days);
  if (provider.hosts === undefined) return found;
  const at = Date.parse(days.on);
  const tokens = { input: 1, output: 1 };
  const { usd, reason } = costOf(
    { ...priced, requestedModel: prepared.model, tokens, at, prices: sending?.prices },
    source,
  );
  if (usd !== undefined) return found;
  const message = `the cost of a call is not known. ${reason}`;
  return [...found, { level: "warning", rule: "price", provider: prepared.provider, message }];
}

interface Announced {
  readonly on: string;
  readonly source: string;
}

function retirementOf(
  { provider, model }: Prepared<ProviderTypes>,
  priced: { readonly provider: string; readonly model: string },
  source: PriceSource,
  { on, soon }: Days,
): Finding[] {
  const facts = source.about?.(priced.provider, priced.model);
  const announced: Announced[] = modelNotes.retirements
    .filter((one) => one.provider === priced.provider && one.models.includes(priced.model))
    .map((one) => ({ on: one.on, source: one.source }));
  if (facts?.retires !== undefined) announced.push({ on: facts.retires, source: "litellm's model file" });
  // Where they differ the sooner day counts.
  const [first] = announced.sort((a, b) => (a.on < b.on ? -1 : 1));
  if (first === undefined) return [];
  const left = Math.round((Date.parse(first.on) - Date.parse(on)) / 86_400_000);
  const next = facts?.successor === undefined ? "" : `; its successor is ${facts.successor}`;
  const when = left <= 0 ? `was retired on ${first.on}` : `will be retired on ${first.on}, in ${left} days`;
  const level = left <= 0 ? "error" : left <= soon ? "warning" : "note";
  const sources = [...new Set(announced.filter((one) => one.on === first.on).map((one) => one.source))];
  const message = `the model ${model} ${when}${next}`;
  return [{ level, rule: "model", provider, message, source: sources.join("; ") }];
}

/** True for a model of such a list, in any provider's spelling of it. */
export function isListed(lists: Readonly<Record<string, readonly string[]>>, provider: string, model: string): boolean {
  const bare = model.replace(/^global\./, "");
  return (lists[provider] ?? []).some((name) => isSameModel(bare, name));
}
