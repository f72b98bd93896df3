import { providerNames } from "../any-provider.ts";
import { loadPrices, type PriceSource } from "../money/cost.ts";
import { prepare } from "../prepare/evaluate.ts";
import type { OptionValues } from "./command.ts";
import { counted } from "./counted.ts";
import { type Finding, findingAnnotation, findingText, merged, type PlacedFinding, placed } from "./finding.ts";
import { type Days, lintModel } from "./lint-model.ts";
import { lintParams } from "./lint-params.ts";
import { lintShapes, providerNamed } from "./lint-shapes.ts";
import { checkForms, Misuse } from "./misuse.ts";
import { offline } from "./offline.ts";
import { findSamples, type Sample } from "./samples.ts";
import { say } from "./say.ts";

/** Checks the calls that modules sample, without a request. */
export async function run(values: OptionValues, named: readonly string[]): Promise<boolean> {
  checkForms(values);
  const days = daysOf(values);
  const found = await offline(async () => {
    const { config, samples } = await findSamples(named, values.config as string | undefined);
    const providers = checkedProviders((values.provider as readonly string[] | undefined) ?? config.providers);
    return lintAll(samples, providers, days);
  });
  const shown = values.quiet ? found.filter(({ level }) => level !== "note") : found;
  const counts = (["error", "warning", "note"] as const).map((level) =>
    counted(found.filter((one) => one.level === level).length, level),
  );
  if (values.json) say(`${JSON.stringify({ on: days.on, findings: shown }, null, 2)}\n`);
  else if (values.github) say(shown.map(findingAnnotation).join(""));
  else say(`${shown.map(findingText).join("")}${counts.join(", ")}.\n`);
  return found.some(({ level }) => level !== "note");
}

function daysOf({ on, soon = "90" }: OptionValues): Days {
  const today = new Date().toISOString().slice(0, 10);
  const day = on === undefined ? today : String(on);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day))) {
    throw new Misuse(`--on takes a day, as 2026-12-01; it was given ${day}.`);
  }
  if (!/^\d{1,5}$/.test(String(soon))) throw new Misuse(`--soon takes a number of days; it was given ${soon}.`);
  return { on: day, soon: Number(soon) };
}

function checkedProviders(names: readonly unknown[] | undefined): readonly string[] {
  const known: readonly unknown[] = [...providerNames, "own"];
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Misuse(`There is no provider ${JSON.stringify(unknown)}; there are ${known.join(", ")}.`);
  }
  return names?.map(String) ?? ["own", ...providerNames];
}

const ranks = { error: 0, warning: 1, note: 2 } as const;

async function lintAll(samples: readonly Sample[], providers: readonly string[], days: Days): Promise<PlacedFinding[]> {
  const source = await loadPrices();
  const found: PlacedFinding[] = [];
  for (const sample of samples) {
    const findings = await lintSample(sample, providers, days, source);
    found.push(...findings.map((finding) => placed(finding, sample)));
  }
  return merged(found).sort((a, b) => ranks[a.level] - ranks[b.level]);
}

async function lintSample(
  sample: Sample,
  names: readonly string[],
  days: Days,
  source: PriceSource,
): Promise<Finding[]> {
  const { definition, args } = sample;
  const own = definition.provider.name;
  const findings: Finding[] = [];
  let { tools } = definition;
  try {
    const { prepared, tools: offered } = await prepare(definition, args);
    tools = offered;
    findings.push(...lintModel(definition, prepared, source, days), ...lintParams(prepared, source));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    findings.push({ level: "error", rule: "prompt", provider: own, message });
  }
  for (const name of new Set(names.map((name) => (name === "own" ? own : name)))) {
    findings.push(...(await lintShapes(sample, tools, await providerNamed(name, definition.provider))));
  }
  // What the whole call is refused for, and a part of it: that part.
  const parts = findings.filter(({ rule }) => rule !== "prompt").map(({ message }) => message);
  return findings.filter(({ rule, message }) => rule !== "prompt" || !parts.includes(message));
}
