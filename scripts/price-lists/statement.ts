import type { TokenKind } from "../../src/money/price-types.ts";

/** USD per million tokens by the size of the request: the first step starts at 0. */
export type Steps = readonly { readonly start: number; readonly price: number }[];

export type StepRates = { readonly [Kind in TokenKind]?: Steps };

/** What one list says about one model of one provider. */
export interface Statement {
  readonly id: string;
  readonly name?: string | undefined;
  /** In effect on the day the lists were read. */
  readonly rates: StepRates;
  /** The prices of other tiers: `flex priority batch fast`. */
  readonly tiers: Readonly<Record<string, { readonly since?: string | undefined; readonly rates: StepRates }>>;
  /** Factors for where the answer was computed. */
  readonly regions?: Readonly<Record<string, number>> | undefined;
  /** Prices before, and announced ones, each from a day on (`""`: from the beginning). */
  readonly periods?: readonly { readonly since: string; readonly rates: StepRates }[];
  /** The first day of `rates`, where the list gives one. */
  readonly since?: string | undefined;
  readonly context?: number | undefined;
  readonly limit?: number | undefined;
  readonly retires?: string | undefined;
  readonly successor?: string | undefined;
  readonly source?: string | undefined;
  /** True for a model that is also sold by units which counts of tokens do not tell apart. */
  readonly otherUnits: boolean;
}

/** A factor on every price. */
export function times(rates: StepRates, factor: number): StepRates {
  return Object.fromEntries(
    Object.entries(rates).map(([kind, steps]) => [
      kind,
      steps.map(({ start, price }) => ({ start, price: rounded(price * factor) })),
    ]),
  );
}

/** Prices without the noise of binary fractions. */
export function rounded(price: number): number {
  return Number(price.toPrecision(10));
}
