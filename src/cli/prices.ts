import { loadPrices, type PriceSource } from "../money/cost.ts";
import type { Price, Rate, TokenKind } from "../money/price-types.ts";
import type { OptionValues } from "./command.ts";
import { chosen, type Listed, priceBook } from "./price-book.ts";
import { say } from "./say.ts";
import { tableOf } from "./table.ts";

const shown = ["input", "cacheRead", "cacheWrite", "output"] as const satisfies TokenKind[];

/** Lists prices. */
export async function run(values: OptionValues, names: readonly string[]): Promise<boolean> {
  const book = await priceBook();
  const source = await loadPrices();
  const listed = chosen(book, values, names);
  const found = listed.map((one) => ({ ...one, ...quotesOf(one, source) }));
  if (values.json) {
    const rows = found.map(({ provider, model, rates, reason }) => ({ provider, model, rates, reason }));
    say(`${JSON.stringify({ read: book.read, lists: book.lists, prices: rows }, null, 2)}\n`);
  } else if (found.length === 0) say("No model has such a name.\n");
  else {
    const rows = found.map(({ provider, model, rates, reason }) => {
      return [provider, model, ...shown.map((kind) => cellOf(rates?.[kind])), reason ?? ""];
    });
    const head = ["provider", "model", "input", "cache read", "cache write", "output", ""];
    say(`${tableOf(head, rows)}USD per million tokens, read on ${book.read}.\n`);
  }
  return false;
}

function quotesOf({ provider, model }: Listed, source: PriceSource) {
  const found = source.find(provider, model, Date.now());
  if (found === undefined) return { rates: undefined, reason: "no price" };
  return found.reason === undefined
    ? { rates: found.rates, reason: undefined }
    : { rates: undefined, reason: found.reason };
}

function cellOf(rate: Rate | undefined): string | number {
  if (rate === undefined) return "";
  if (typeof rate === "object" && "tiers" in rate) {
    const steps = rate.tiers.map(({ start, price }) => `, above ${start / 1000}k ${priceText(price)}`);
    return `${priceText(rate.base)}${steps.join("")}`;
  }
  return typeof rate === "number" ? rate : priceText(rate);
}

function priceText(price: Price): string {
  if (typeof price === "number") return String(price);
  if (price.usd !== undefined) return String(price.usd);
  return Object.entries(price.quotes)
    .map(([list, usd]) => `${usd} (${list})`)
    .join(" or ");
}
