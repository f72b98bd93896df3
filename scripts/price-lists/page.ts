import type { FiledEntry, FiledSteps, PriceFile } from "../../src/money/price-file.ts";

/** The page `docs/prices.md`: every model, which lists know it, and where they agree. */
export function pageOf({ read, lists, models }: PriceFile): string {
  const [genai = "", litellm = ""] = [lists["genai-prices"], lists.litellm];
  const sections = Object.entries(models).map(
    ([provider, entries]) =>
      `## ${provider}\n\n| model | lists | agreement | input | output | context | longest answer | retired |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n${entries.map(rowOf).join("\n")}\n`,
  );
  return `# Prices

What callscope's price data holds, made by \`scripts/prices.ts\` from two public lists: \`genai-prices\` ${genai} and the price
file of \`litellm\` ${litellm}, read on ${read}. USD per million tokens at the standard tier; the data has cache lives, sound, sizes,
tiers and regions besides. A price stands where both lists are within 1 % of one another (the figure is that of
\`genai-prices\`) or where one list alone knows it. Where they differ both figures are shown, and [the cost](costs.md) is
\`undefined\` for what it would take.

${sections.join("\n")}`;
}

function rowOf(entry: FiledEntry): string {
  const { n, ctx, out, end, other, r = {} } = entry;
  const lists =
    other || Object.keys(r).length === 0
      ? ""
      : entry.in === undefined
        ? "both"
        : entry.in === "g"
          ? "genai-prices"
          : "litellm";
  const names = n.map((name) => `\`${name}\``).join(" ");
  const cells = [names, lists, agreementOf(entry), shown(r.input), shown(r.output), ctx ?? "", out ?? "", end ?? ""];
  return `| ${cells.join(" | ")} |`;
}

function agreementOf({ other, r, t, in: only }: FiledEntry): string {
  if (other) return "sold by other units too: no price";
  if (r === undefined || Object.keys(r).length === 0) return "no price";
  if (only !== undefined) return "one list";
  const all = [["", r] as const, ...Object.entries(t ?? {}).map(([tier, { r }]) => [`${tier}: `, r] as const)];
  const differ = all.flatMap(([tier, rates]) =>
    Object.entries(rates).flatMap(([kind, steps]) => (isDisputed(steps) ? [`${tier}${kind}`] : [])),
  );
  return differ.length === 0 ? "yes" : `not on ${differ.join(", ")}`;
}

function isDisputed(steps: FiledSteps): boolean {
  const list = Array.isArray(steps) ? steps : [steps];
  return list.some((price) => typeof price === "string" && price.includes("|"));
}

function shown(steps: FiledSteps | undefined): string {
  if (steps === undefined) return "";
  if (!Array.isArray(steps)) return priceIn(steps as number | string);
  const [base = "", ...rest] = steps as (number | string)[];
  const larger: string[] = [];
  for (let i = 0; i < rest.length; i += 2) larger.push(`${priceIn(rest[i + 1] ?? "")} above ${rest[i]}`);
  return [priceIn(base), ...larger].join(", ");
}

function priceIn(price: number | string): string {
  return String(price)
    .replace("|", " or ")
    .replace(/^([gl]):/, "");
}
