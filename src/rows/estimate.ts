import type { TypedCall } from "../call/types.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { costOf, loadPrices, type PriceSource, type Prices } from "../money/cost.ts";
import type { PreparedCall } from "../prepare/report.ts";
import { isUnreadable, iteratorOf } from "./source.ts";
import type { Given, RowSource } from "./types.ts";

/** What rows will cost in one way of asking. */
export interface EstimatedCost {
  /** US dollars with empty answers; `undefined` where no price is certain. */
  readonly least: number | undefined;
  /** US dollars with answers as long as they may be, or as `outputTokens` says; `undefined` where nothing bounds them. */
  readonly most: number | undefined;
}

/** What rows will come to, before anything is sent. Tokens are an estimate, good to about a third. */
export interface Estimate {
  readonly rows: number;
  /** How many of them were looked at. */
  readonly sampled: number;
  readonly inputTokens: number;
  /** The most that the answers may have; `undefined` where a call has no limit and `outputTokens` was not given. */
  readonly outputTokens: number | undefined;
  readonly live: EstimatedCost;
  /** The same at the price of batches; `undefined` where the model has none. */
  readonly batch: EstimatedCost | undefined;
}

/** How rows are estimated. */
export interface EstimateOptions {
  /** How many rows are looked at, spread evenly over all that come; by default all of them. */
  readonly sample?: number | undefined;
  /** How many tokens an answer has, of a call that sets no limit; where it sets one, the smaller of both counts. */
  readonly outputTokens?: number | undefined;
  /** Prices that win over the price list. */
  readonly prices?: Prices | undefined;
}

type Prepares<Args extends unknown[]> = Pick<TypedCall<ProviderTypes, Args, unknown>, "prepare">;

/** A call, or several in one, of which the first is looked at. */
type Estimated<Args extends unknown[]> = ((...args: Args) => unknown) & {
  prepare(...args: Args): Promise<object>;
};

const keys: readonly string[] = ["args", "sample", "outputTokens", "prices"] satisfies (
  | keyof EstimateOptions
  | "args"
)[];

/**
 * What a run over these rows will come to, live and as a batch: tokens and US dollars. Every row, or a sample, is prepared
 * as it would be sent, and nothing is sent. Rows that can be iterated only once are used up. Throws `ConfigError`, and what
 * the prompt or `args` throw.
 */
export async function estimate<Args extends unknown[], Source>(
  call: Estimated<Args>,
  rows: RowSource<Source>,
  ...[given = {} as never]: Given<EstimateOptions, Args, Source>
): Promise<Estimate> {
  const options: EstimateOptions & { readonly args?: (row: Source, ordinal: number) => Args } = given;
  checkOptions(call, options);
  const { args = (row: Source) => [row], sample = Number.POSITIVE_INFINITY } = options;
  const sums = new Sums(options, await loadPrices());
  let count = 0;
  for await (const [row, ordinal] of sampled(rows, sample, (total) => (count = total))) {
    // Its types are those of the rows, checked where it was called.
    const prepare = call.prepare as Prepares<unknown[]>["prepare"];
    sums.add(await prepare(...(args(row as Source, ordinal) as unknown[])));
  }
  return sums.times(count);
}

/**
 * The rows to look at. As nobody knows how many come, every row is kept until there are twice as many as wanted, then every
 * second of them, every fourth, and so on.
 */
async function* sampled(
  rows: unknown,
  sample: number,
  told: (total: number) => void,
): AsyncGenerator<[unknown, number]> {
  const iterator = iteratorOf(rows);
  let kept: [unknown, number][] = [];
  let step = 1;
  let count = 0;
  for (let place = 0; ; place++) {
    const next = iterator.next();
    const { done, value } = next instanceof Promise ? await next : next;
    if (done) break;
    if (isUnreadable(value)) continue;
    const ordinal = count++;
    if (sample === Number.POSITIVE_INFINITY) yield [value, place];
    else if (ordinal % step === 0) kept.push([value, place]);
    if (kept.length < 2 * sample) continue;
    step *= 2;
    kept = kept.filter((_, index) => index % 2 === 0);
  }
  told(count);
  // Between one and two times as many: spread over all of them.
  const wanted = Math.min(sample, kept.length);
  for (let index = 0; index < wanted; index++) {
    yield kept[Math.floor((index * kept.length) / wanted)] as [unknown, number];
  }
}

/** Adds up what the looked-at rows come to. */
class Sums {
  readonly #options: EstimateOptions;
  readonly #prices: PriceSource;
  #rows = 0;
  #input = 0;
  #output: number | undefined = 0;
  readonly #live: Mutable = { least: 0, most: 0 };
  readonly #batch: Mutable = { least: 0, most: 0 };

  constructor(options: EstimateOptions, prices: PriceSource) {
    this.#options = options;
    this.#prices = prices;
  }

  add(prepared: PreparedCall<ProviderTypes>): void {
    const { outputTokens } = this.#options;
    const { answerLimit, estimatedInputTokens: input } = prepared;
    const output =
      outputTokens === undefined ? answerLimit : Math.min(outputTokens, answerLimit ?? Number.POSITIVE_INFINITY);
    this.#rows++;
    this.#input += input;
    this.#output = plus(this.#output, output);
    for (const [sum, tier] of [
      [this.#live, undefined],
      [this.#batch, "batch"],
    ] as const) {
      sum.least = plus(sum.least, this.#price(prepared, input, 0, tier));
      sum.most = plus(sum.most, output === undefined ? undefined : this.#price(prepared, input, output, tier));
    }
  }

  #price(
    { provider, model, priced = { provider, model } }: PreparedCall<ProviderTypes>,
    input: number,
    output: number,
    serviceTier: string | undefined,
  ): number | undefined {
    const tokens = { input, output, estimated: true as const };
    const { prices } = this.#options;
    return costOf({ ...priced, requestedModel: model, tokens, serviceTier, at: Date.now(), prices }, this.#prices).usd;
  }

  times(rows: number): Estimate {
    const factor = this.#rows === 0 ? 0 : rows / this.#rows;
    const cost = ({ least, most }: Mutable) => ({ least: by(least, factor), most: by(most, factor) });
    const batch = cost(this.#batch);
    return {
      rows,
      sampled: this.#rows,
      inputTokens: Math.round(this.#input * factor),
      outputTokens: this.#output === undefined ? undefined : Math.round(this.#output * factor),
      live: cost(this.#live),
      batch: batch.least === undefined ? undefined : batch,
    };
  }
}

interface Mutable {
  least: number | undefined;
  most: number | undefined;
}

function plus(sum: number | undefined, value: number | undefined): number | undefined {
  return sum === undefined || value === undefined ? undefined : sum + value;
}

function by(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : value * factor;
}

function checkOptions(call: unknown, options: EstimateOptions & { readonly args?: unknown }): void {
  if (typeof (call as { prepare?: unknown } | undefined)?.prepare !== "function") {
    throw new ConfigError(`estimate() takes a call, as openai.call(...) gives it; it was given ${describe(call)}.`);
  }
  if (typeof options !== "object" || options === null) {
    throw new ConfigError(`The options of estimate() are an object; they were given as ${describe(options)}.`);
  }
  const unknown = unknownKey("estimate() has no option", options, keys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  for (const name of ["sample", "outputTokens"] as const) {
    const { [name]: value = 1 } = options;
    if (Number.isInteger(value) && value >= 1) continue;
    throw new ConfigError(`\`${name}\` is a whole number from 1; it was given ${String(value)}.`);
  }
  if (options.args === undefined || typeof options.args === "function") return;
  throw new ConfigError(`\`args\` is a function; it was given ${describe(options.args)}.`);
}
