/** One way to do the work that is measured. */
export interface Contender {
  readonly name: string;
  /** Does it once. A number it gives is kept beside the times: milliseconds until the first chunk, say. */
  run(): Promise<unknown>;
  /** Whom it is compared with, where that is not who all are compared with. */
  readonly baseline?: string;
}

/** How often the work is done. */
export interface Effort {
  /** Samples of each contender, taken in turns. */
  readonly rounds: number;
  /** Times before anything is measured, for each contender; a slow one has 1.5 seconds of CPU time and no more. */
  readonly warmUp: number;
  /** Milliseconds of CPU time after which a contender is warm. Default: 800. */
  readonly longest?: number;
  /** Parts of one operation (chunks, say) that the figures are divided by. Default: 1. */
  readonly units?: number;
  /** Milliseconds on the clock after which no further round is begun; there are at least two. Default: 60,000. */
  readonly limit?: number;
  /** Milliseconds of CPU time that one sample takes at least: the work is repeated as often as that needs. Default: 50. */
  readonly sample?: number;
}

/** What one contender cost: medians over the rounds. */
export interface Figures {
  readonly name: string;
  /** Microseconds of CPU time of this process, for one unit. */
  readonly cpu: number;
  /** Microseconds on the clock, for one unit. */
  readonly wall: number;
  /** CPU time relative to the baseline's in the same round. */
  readonly ratio: number;
  /** CPU microseconds above the baseline's in the same round, for one unit. */
  readonly added: number;
  /** Median of the numbers that `run` gave. */
  readonly given: number | undefined;
  readonly rounds: number;
}

interface Sample {
  readonly cpu: number;
  readonly wall: number;
  readonly given: number | undefined;
}

/** A contender, and how often it does its work for one sample. */
interface Paced {
  readonly contender: Contender;
  readonly operations: number;
}

/**
 * Measures contenders against one of them, taking turns, so that whatever else the machine does hits all alike. Garbage is
 * collected when it is due: a collection forced before each sample throws optimised code away and falsifies the ratios.
 */
export async function measure(contenders: readonly Contender[], baseline: string, effort: Effort): Promise<Figures[]> {
  const { warmUp, longest = 800, units = 1, limit = 60_000, sample: least = 50 } = effort;
  const rounds = process.env.BENCH_QUICK === "1" ? Math.min(effort.rounds, 5) : effort.rounds;
  const all: Paced[] = [];
  for (const contender of contenders) {
    await warm(contender, warmUp, longest);
    all.push({ contender, operations: await operationsFor(contender, least) });
  }
  const taken: Map<string, Sample>[] = [];
  const end = performance.now() + limit;
  while (taken.length < rounds && (taken.length < 2 || performance.now() < end)) {
    const round = new Map<string, Sample>();
    const first = taken.length % all.length;
    for (const { contender, operations } of [...all.slice(first), ...all.slice(0, first)]) {
      round.set(contender.name, await sample(contender, operations, units));
    }
    taken.push(round);
  }
  return contenders.map((contender) => figures(contender, baseline, taken));
}

async function warm({ run }: Contender, times: number, longest: number): Promise<void> {
  const begin = process.cpuUsage();
  for (let done = 0; done < times; done++) {
    await run();
    const { user, system } = process.cpuUsage(begin);
    if (user + system > longest * 1000) return;
  }
}

/** How often a warm contender does its work in so many milliseconds of CPU time. */
async function operationsFor(contender: Contender, least: number): Promise<number> {
  for (let operations = 1; ; operations *= 2) {
    const { cpu } = await sample(contender, operations, 1);
    const spent = (cpu * operations) / 1000;
    if (spent >= least / 2) return Math.max(1, Math.ceil((operations * least) / spent));
  }
}

async function sample({ run }: Contender, operations: number, units: number): Promise<Sample> {
  const given: number[] = [];
  const wall = performance.now();
  const cpu = process.cpuUsage();
  for (let done = 0; done < operations; done++) {
    const value = await run();
    if (typeof value === "number") given.push(value);
  }
  const { user, system } = process.cpuUsage(cpu);
  const per = operations * units;
  return {
    cpu: (user + system) / per,
    wall: ((performance.now() - wall) * 1000) / per,
    given: given.length > 0 ? median(given) : undefined,
  };
}

function figures(contender: Contender, baseline: string, rounds: readonly Map<string, Sample>[]): Figures {
  const beside = contender.baseline ?? baseline;
  const pairs = rounds.map((round) => ({ own: round.get(contender.name)!, base: round.get(beside)! }));
  const given = pairs.flatMap(({ own }) => own.given ?? []);
  return {
    name: contender.name,
    cpu: median(pairs.map(({ own }) => own.cpu)),
    wall: median(pairs.map(({ own }) => own.wall)),
    ratio: median(pairs.map(({ own, base }) => own.cpu / base.cpu)),
    added: median(pairs.map(({ own, base }) => own.cpu - base.cpu)),
    given: given.length > 0 ? median(given) : undefined,
    rounds: rounds.length,
  };
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
