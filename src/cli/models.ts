import type { OptionValues } from "./command.ts";
import { chosen, priceBook } from "./price-book.ts";
import { say } from "./say.ts";
import { tableOf } from "./table.ts";

/** Lists models. */
export async function run(values: OptionValues, names: readonly string[]): Promise<boolean> {
  const listed = chosen(await priceBook(), values, names);
  if (values.json) {
    const rows = listed.map(({ provider, model, entry: { name, ctx, out, end, next } }) => {
      return { provider, model, name, contextTokens: ctx, outputTokens: out, retires: end, successor: next };
    });
    say(`${JSON.stringify(rows, null, 2)}\n`);
  } else if (listed.length === 0) say("No model has such a name.\n");
  else {
    const rows = listed.map(({ provider, model, entry: { ctx, out, end, next } }) => {
      return [provider, model, ctx ?? "", out ?? "", end ?? "", next ?? ""];
    });
    say(tableOf(["provider", "model", "context", "answer", "retires", "successor"], rows));
  }
  return false;
}
