import { readPriceFile } from "./price-list.ts";
import type { PriceSource } from "./price-types.ts";

const unknownPrices: PriceSource = { find: () => undefined };

/** The price list that comes with the package, loaded on the first use. It never rejects: what cannot be loaded is unknown. */
export function loadPrices(): Promise<PriceSource> {
  loaded ??= import("./price-data.ts").then(
    ({ priceData }) => {
      list = readPrices(JSON.parse(priceData));
      return list;
    },
    () => unknownPrices,
  );
  return loaded;
}

/** The price list where it is loaded already, else one that knows no price. */
export function loadedPrices(): PriceSource {
  return list ?? unknownPrices;
}

// The list itself, not a setting: it is the same for whoever asks.
let loaded: Promise<PriceSource> | undefined;
let list: PriceSource | undefined;

/**
 * A price file as a price list, for `prices` of a call: what `node scripts/prices.ts --out FILE` makes, parsed from its JSON.
 * The file is not changed and must not be afterwards. Throws `TypeError` for a value that is none.
 */
export function readPrices(file: unknown): PriceSource {
  return readPriceFile(file);
}
