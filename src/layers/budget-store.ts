/** Whole numbers: nano-dollars (10⁻⁹ US dollars), tokens, requests. */
export interface Purse {
  readonly nanos: number;
  readonly tokens: number;
  readonly requests: number;
}

/** What a budget may hold; what it does not limit is `undefined`. */
export type PurseLimits = { readonly [Key in keyof Purse]: number | undefined };

/** What was taken out of a purse: for good, and for requests that are under way. */
export interface PurseState {
  readonly spent: Purse;
  readonly reserved: Purse;
}

/**
 * Where a budget keeps its books: in this process, or shared by many (`callscope/redis`). Each method is one atomic step.
 */
export interface BudgetStore {
  /** Sets the most a request may cost aside, where all of it fits; gives the books as they are then. */
  reserve(id: string, worst: Purse, limits: PurseLimits): Reserved | Promise<Reserved>;
  /** Takes what a request has really used out of what was set aside for it, and gives the rest back. */
  settle(id: string, used: Purse): PurseState | Promise<PurseState>;
  /** The books. */
  state(): PurseState | Promise<PurseState>;
}

/** Whether a request may be sent. */
export interface Reserved extends PurseState {
  readonly fits: boolean;
}

export const emptyPurse: Purse = { nanos: 0, tokens: 0, requests: 0 };

/** Two purses in one; `sign` -1 takes the second out of the first. */
export function addPurse(first: Purse, second: Purse, sign: 1 | -1 = 1): Purse {
  return {
    nanos: first.nanos + sign * second.nanos,
    tokens: first.tokens + sign * second.tokens,
    requests: first.requests + sign * second.requests,
  };
}

/** A store in this process. */
export function localBudgetStore(): BudgetStore {
  const open = new Map<string, Purse>();
  let spent = emptyPurse;
  let reserved = emptyPurse;
  return {
    reserve(id, worst, limits) {
      const within = (key: keyof Purse, most = limits[key]) =>
        most === undefined || spent[key] + reserved[key] + worst[key] <= most;
      const fits = within("nanos") && within("tokens") && within("requests");
      if (fits) {
        open.set(id, worst);
        reserved = addPurse(reserved, worst);
      }
      return { fits, spent, reserved };
    },
    settle(id, used) {
      const worst = open.get(id);
      if (worst !== undefined) {
        open.delete(id);
        reserved = addPurse(reserved, worst, -1);
        spent = addPurse(spent, used);
      }
      return { spent, reserved };
    },
    state: () => ({ spent, reserved }),
  };
}
