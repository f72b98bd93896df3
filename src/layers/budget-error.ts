import { CallscopeError } from "../errors/errors.ts";

/** Amounts of a budget. What it does not limit or know is `undefined`. */
export interface Amounts {
  /** US dollars. */
  readonly usd: number | undefined;
  readonly tokens: number | undefined;
  readonly requests: number | undefined;
}

/** A request that a budget does not allow. Nothing was sent. */
export class BudgetError extends CallscopeError {
  override readonly name = "BudgetError";
  readonly code = "budget";
  /** What the request may cost at most; `usd` or `tokens` is `undefined` where that is not known. */
  readonly needed: Amounts;
  /** What the budget has left. */
  readonly left: Amounts;

  constructor(message: string, needed: Amounts, left: Amounts) {
    super(message);
    this.needed = needed;
    this.left = left;
  }
}
