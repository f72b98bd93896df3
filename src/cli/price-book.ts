import type { FiledEntry, PriceFile } from "../money/price-file.ts";
import type { OptionValues } from "./command.ts";
import { Misuse } from "./misuse.ts";

/** One model of the price data. */
export interface Listed {
  readonly provider: string;
  readonly model: string;
  readonly entry: FiledEntry;
}

/** The price data that comes with the package. */
export async function priceBook(): Promise<PriceFile> {
  const { priceData } = await import("../money/price-data.ts");
  return JSON.parse(priceData) as PriceFile;
}

/** The models of the providers that were named, whose names hold all that was asked for. */
export function chosen({ models }: PriceFile, values: OptionValues, names: readonly string[]): Listed[] {
  const providers = (values.provider ?? Object.keys(models)) as readonly string[];
  const unknown = providers.find((provider) => !Object.hasOwn(models, provider));
  if (unknown !== undefined) {
    throw new Misuse(`No prices of "${unknown}" are known; there are those of ${Object.keys(models).join(", ")}.`);
  }
  const wanted = names.map((name) => name.toLowerCase());
  return providers.flatMap((provider) =>
    (models[provider] ?? []).flatMap((entry) =>
      entry.n
        .filter((model) => wanted.every((part) => `${provider}/${model}`.toLowerCase().includes(part)))
        .map((model) => ({ provider, model, entry })),
    ),
  );
}
