import type { Answer } from "../contract/answer.ts";
import { attemptsOf } from "../contract/attempts.ts";
import {
  type EventStream,
  givesReceived,
  kindOfLayer,
  type Layer,
  type Outgoing,
  passesEvents,
} from "../contract/layer.ts";
import type { Received } from "../contract/received.ts";
import { ConfigError } from "../errors/errors.ts";
import type { Prices } from "../money/cost.ts";
import { type Amounts, BudgetError } from "./budget-error.ts";
import {
  addPurse,
  type BudgetStore,
  emptyPurse,
  localBudgetStore,
  type Purse,
  type PurseLimits,
  type PurseState,
  type Reserved,
} from "./budget-store.ts";
import { ids } from "./ids.ts";
import { amount, checkOptions, checkStore, wholeNumber } from "./options.ts";
import { left, settledEvents } from "./settled-events.ts";
import { priceOfWorst, worstCaseOf } from "./worst-case.ts";

/** What may be spent. */
export interface BudgetOptions {
  /** US dollars. */
  readonly usd?: number | undefined;
  /** Input and output together. */
  readonly tokens?: number | undefined;
  readonly requests?: number | undefined;
  /** Whether a request is sent for which no price is known; `"refuse"` by default. It counts as nothing in dollars then. */
  readonly unpriced?: "refuse" | "allow" | undefined;
  /** Whether a request is sent whose size nothing bounds; `"refuse"` by default. Nothing is set aside for it then. */
  readonly unbounded?: "refuse" | "allow" | undefined;
  /** The caller's own prices, as those of a call. */
  readonly prices?: Prices | undefined;
  /** The most tokens an answer may have where the call sets no limit, for models whose own is not known. */
  readonly outputTokens?: number | undefined;
  /** Where the books are kept; in this process by default, shared by many with `callscope/redis`. */
  readonly store?: BudgetStore | undefined;
}

/** A purse: a layer that all calls share which hold it. */
export interface Budget extends Layer {
  /** What was spent: what answers cost, and what was set aside for requests whose usage never came. */
  readonly spent: { readonly usd: number; readonly tokens: number; readonly requests: number };
  /** What is set aside for requests under way. */
  readonly reserved: { readonly usd: number; readonly tokens: number; readonly requests: number };
  /** What is left; `undefined` where there is no limit. */
  readonly left: Amounts;
  /** Reads the books of a shared store anew. */
  refresh(): Promise<void>;
}

const keys = ["usd", "tokens", "requests", "unpriced", "unbounded", "prices", "outputTokens", "store"] as const;
const nano = 1e9;

/**
 * Spends no more than it holds: before a request leaves, the most it may cost is set aside (its bytes as tokens, the
 * limit of its output), and what was not used is given back when the answer is there. A request that does not fit is a
 * `BudgetError` and is not sent. A request whose usage never came keeps what was set aside as spent; one that was refused
 * (a 4xx) gives it back. The SDK's own retries are off within it, since nobody could count them: put `retry()` around.
 * Fees that no usage shows (a provider's own search, say) are outside. Throws `ConfigError` for options without a limit.
 */
export function budget(options: BudgetOptions): Budget {
  checkOptions("budget()", options, keys);
  const { usd, tokens, requests, unpriced = "refuse", unbounded = "refuse", outputTokens } = options;
  if (usd === undefined && tokens === undefined && requests === undefined) {
    throw new ConfigError("budget() needs one of `usd`, `tokens` and `requests`.");
  }
  if (usd !== undefined) amount("usd", usd);
  for (const [name, value] of Object.entries({ tokens, requests, outputTokens })) {
    if (value !== undefined) wholeNumber(name, value, 0);
  }
  checkStore("budget()", options.store, ["reserve", "settle", "state"]);
  for (const [name, value] of Object.entries({ unpriced, unbounded })) {
    if (value !== "refuse" && value !== "allow") {
      throw new ConfigError(`\`${name}\` is "refuse" or "allow"; it was given ${String(value)}.`);
    }
  }
  return new Books({ ...options, unpriced, unbounded });
}

class Books implements Budget {
  readonly name = "budget";
  readonly perRequest = true;
  readonly [kindOfLayer] = "budget";
  readonly [passesEvents] = true;
  readonly [givesReceived] = true;
  readonly #options: BudgetOptions;
  readonly #limits: PurseLimits;
  readonly #store: BudgetStore;
  readonly #ids = ids();
  #state: PurseState = { spent: emptyPurse, reserved: emptyPurse };

  constructor(options: BudgetOptions) {
    const { usd, tokens, requests, store } = options;
    this.#options = options;
    this.#limits = { nanos: usd === undefined ? undefined : Math.floor(usd * nano), tokens, requests };
    this.#store = store ?? localBudgetStore();
  }

  get spent() {
    return inDollars(this.#state.spent);
  }

  get reserved() {
    return inDollars(this.#state.reserved);
  }

  get left(): Amounts {
    const { nanos, tokens, requests } = this.#limits;
    const gone = addPurse(this.#state.spent, this.#state.reserved);
    return {
      usd: nanos === undefined ? undefined : (nanos - gone.nanos) / nano,
      tokens: tokens === undefined ? undefined : tokens - gone.tokens,
      requests: requests === undefined ? undefined : requests - gone.requests,
    };
  }

  async refresh(): Promise<void> {
    this.#state = await this.#store.state();
  }

  async send(request: Outgoing, next: (request: Outgoing) => Promise<Received>): Promise<Received> {
    const asked = this.#reserve(request);
    const reservation = asked instanceof Reservation ? asked : await asked;
    let received: Received;
    try {
      received = await next(request.with({ sdkRetries: false, onSent: reservation.sent }));
      const settled = reservation.settle(request.read(received));
      if (settled !== undefined) await settled;
    } catch (error) {
      await reservation.settle(undefined, error ?? left);
      throw error;
    }
    return received;
  }

  stream(request: Outgoing, next: (request: Outgoing) => EventStream): EventStream {
    return settledEvents(request.signal, async () => {
      const reservation = await this.#reserve(request);
      const events = next(request.with({ sdkRetries: false, onSent: reservation.sent }));
      return { settle: (answer, error) => reservation.settle(answer, error), events };
    });
  }

  /** Sets the worst case aside; gives what settles it, told of the answer or the error. */
  #reserve(request: Outgoing): Reservation | Promise<Reservation> {
    const worst = this.#worstOf(request);
    const id = this.#ids();
    const asked = this.#store.reserve(id, worst, this.#limits);
    const take = ({ fits, spent, reserved }: Reserved) => {
      this.#state = { spent, reserved };
      if (!fits) throw refused(inDollars(worst), this.left);
      return new Reservation((sent, answer, error) =>
        this.#settle(id, this.#usedOf(request, worst, sent, answer, error)),
      );
    };
    return "then" in asked ? asked.then(take) : take(asked);
  }

  /** The books may be out of reach: what was set aside stays so, and the answer is there all the same. */
  #settle(id: string, used: Purse): void | Promise<void> {
    try {
      const told = this.#store.settle(id, used);
      if (!("then" in told)) {
        this.#state = told;
        return undefined;
      }
      return told.then(
        (state) => {
          this.#state = state;
        },
        () => {},
      );
    } catch {
      return undefined;
    }
  }

  #worstOf(request: Outgoing): Purse {
    const { unpriced, unbounded, prices, outputTokens } = this.#options;
    const { nanos, tokens } = this.#limits;
    if (nanos === undefined && tokens === undefined) return oneRequest;
    const { prepared } = request;
    const worst = worstCaseOf(prepared, outputTokens, prices);
    if (worst.unbounded !== undefined && unbounded === "refuse") {
      const needed = { usd: undefined, tokens: undefined, requests: 1 };
      const message = `Nothing bounds what the request may cost, by ${worst.unbounded}. It was not sent.`;
      throw new BudgetError(message, needed, this.left);
    }
    const { inputTokens = 0, outputTokens: output = 0 } = worst.unbounded === undefined ? worst : {};
    if (nanos === undefined) return { nanos: 0, tokens: inputTokens + output, requests: 1 };
    const usd = priceOfWorst(request, { ...worst, inputTokens, outputTokens: output }, prices);
    if (usd === undefined && unpriced === "refuse") {
      const needed = { usd, tokens: inputTokens + output, requests: 1 };
      const message = `No price of ${prepared.provider}'s ${prepared.model} is known: give \`prices\`, or \`unpriced: "allow"\`. It was not sent.`;
      throw new BudgetError(message, needed, this.left);
    }
    return { nanos: toNanos(usd ?? 0), tokens: inputTokens + output, requests: 1 };
  }

  #usedOf(request: Outgoing, worst: Purse, sent: number, answer: Answer | undefined, error: unknown): Purse {
    const used = error === undefined ? this.#answered(request, worst, answer) : failed(worst, sent, error);
    // A layer nearer to the provider may have sent it more than once: each of those may have cost the most.
    let total = used;
    for (let count = 1; count < sent; count++) total = addPurse(total, worst);
    return total;
  }

  #answered(request: Outgoing, worst: Purse, answer: Answer | undefined): Purse {
    const { inputTokens, outputTokens } = answer ?? {};
    const known = inputTokens !== undefined && outputTokens !== undefined;
    const usd = answer === undefined ? undefined : this.#priceOf(request, answer);
    return {
      nanos: usd === undefined ? worst.nanos : toNanos(usd),
      tokens: known ? inputTokens + outputTokens : worst.tokens,
      requests: 1,
    };
  }

  #priceOf(request: Outgoing, answer: Answer): number | undefined {
    if (this.#limits.nanos === undefined) return 0;
    const { prices } = this.#options;
    const isFree = answer.costDetails?.entry?.source === "cache";
    return prices === undefined || isFree ? answer.cost : (request.priceOf(answer.tokens, prices).usd ?? answer.cost);
  }
}

type SettleWith = (sent: number, answer: Answer | undefined, error: unknown) => void | Promise<void>;

/** What was set aside for one request, until it is settled, once. */
class Reservation {
  #count = 0;
  #settleWith: SettleWith | undefined;

  constructor(settleWith: SettleWith) {
    this.#settleWith = settleWith;
  }

  /** Told each time the request is handed to the SDK. */
  readonly sent = (): void => {
    this.#count++;
  };

  settle(answer: Answer | undefined, error?: unknown): void | Promise<void> {
    const settleWith = this.#settleWith;
    this.#settleWith = undefined;
    return settleWith?.(this.#count, answer, error);
  }
}

const oneRequest: Purse = { nanos: 0, tokens: 0, requests: 1 };

/** What a request that failed has used: nothing where it never left, itself where it was refused, else perhaps all. */
function failed(worst: Purse, sent: number, error: unknown): Purse {
  if (sent === 0) return emptyPurse;
  return attemptsOf(error).at(-1)?.cost === 0 ? oneRequest : worst;
}

// Rounded up, but for what floating point adds to a whole number.
function toNanos(usd: number): number {
  return Math.ceil(usd * nano - 1e-6);
}

function inDollars({ nanos, tokens, requests }: Purse) {
  return { usd: nanos / nano, tokens, requests };
}

function refused(needed: { usd: number; tokens: number; requests: number }, left: Amounts): BudgetError {
  const [name, unit] = (["usd", "tokens", "requests"] as const)
    .filter((key) => left[key] !== undefined && needed[key] > (left[key] ?? 0))
    .map((key) => [key, key === "usd" ? "US dollars" : key] as const)[0] ?? ["requests", "requests"];
  const amounts = name === "usd" ? [needed.usd.toFixed(6), left.usd?.toFixed(6)] : [needed[name], left[name]];
  return new BudgetError(
    `The request may use ${amounts[0]} ${unit}, and the budget has ${amounts[1]} left: it was not sent.`,
    needed,
    left,
  );
}
