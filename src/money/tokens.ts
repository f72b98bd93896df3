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
}
