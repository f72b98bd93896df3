/**
 * Token counts with one meaning for every provider.
 *
 * Every figure is a whole number of tokens. A figure the provider did not report is absent
 * (`undefined`), never 0: "not told" and "none" are different answers.
 */
export interface Tokens {
  /** Everything the model read, cache reads and cache writes included. */
  input: number | undefined;
  /** Everything the model wrote, reasoning included. */
  output: number | undefined;
  /** The part of `input` served from the provider's prompt cache. */
  cacheRead?: number;
  /** The part of `input` written to the provider's prompt cache, whatever its lifetime. */
  cacheWrite?: number;
  /** The part of `cacheWrite` kept for an hour instead of the default lifetime. */
  cacheWrite1h?: number;
  /** The part of `output` spent on reasoning. */
  reasoning?: number;
  /** The part of `input` that is audio. */
  inputAudio?: number;
  /** The part of `output` that is audio. */
  outputAudio?: number;
  /** The part of `cacheRead` that is audio (so also part of `inputAudio`). */
  cacheAudioRead?: number;
  /** True when the counts are an estimate, not the provider's own report. */
  estimated?: true;
  /** True where a figure came that is no count, or one that another contradicts: what was used is not certain. */
  unsure?: true;
  /** The input of the largest request, where an answer took several (compaction); prices can depend on it. */
  largest?: number;
}

type Counts = { readonly [Kind in Exclude<keyof Tokens, "estimated" | "unsure">]?: unknown };

/**
 * Counts as they came, which may be anything: a figure that is no whole number of tokens (`"12"`, `-5`) is left out, and
 * what is left is `unsure`. `null` is a figure that was not told.
 */
export function tokensFrom(counts: Counts, unsure = false): Tokens {
  const tokens: Tokens = { input: undefined, output: undefined };
  let isUnsure = unsure;
  // Every answer is counted: without a list of its entries it takes a third of the time.
  for (const kind in counts) {
    const count = counts[kind as keyof Counts];
    if (count === undefined || count === null) continue;
    if (isCount(count)) tokens[kind as keyof Counts] = count;
    else isUnsure = true;
  }
  if (isUnsure) tokens.unsure = true;
  return tokens;
}

/** The sum of counts that make up one figure: `undefined` where the first was not told, `NaN` where one is no count. */
export function sumOf(first: unknown, ...others: readonly unknown[]): number | undefined {
  if (first === undefined || first === null) return undefined;
  let sum = 0;
  for (const count of [first, ...others])
    sum += count === undefined || count === null ? 0 : isCount(count) ? count : Number.NaN;
  return sum;
}

/** True for a whole number of tokens. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * What the model wrote, where the service has a total beside it: some leave the reasoning out of the answer's own count, and
 * only the total shows it (https://docs.x.ai/docs/guides/reasoning). `NaN` where the figures cannot be brought together.
 */
export function outputWithReasoning(input: unknown, output: unknown, total: unknown, reasoning: unknown): unknown {
  if (!isCount(input) || !isCount(output) || !isCount(total)) return output;
  const outside = total - input - output;
  if (outside <= 0) return output;
  if (reasoning === undefined || reasoning === null || reasoning === 0 || reasoning === outside)
    return output + outside;
  return Number.NaN;
}
