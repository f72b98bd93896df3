/** The day on which a provider retires models, as its SDK says. */
export interface Retirement {
  readonly provider: string;
  readonly models: readonly string[];
  /** `2026-12-01`. */
  readonly on: string;
  /** Who says so. */
  readonly source: string;
}

/** What is known of models beside the price data: what `scripts/model-notes.ts` makes. */
export interface ModelNotes {
  /** The version of litellm whose file was read. */
  readonly litellm: string;
  readonly retirements: readonly Retirement[];
  /** The models that take no `temperature`, `top_p` and `top_k`, by provider. */
  readonly noSampling: Readonly<Record<string, readonly string[]>>;
  /** The models that cannot be made to call a tool. */
  readonly noForcedTools: Readonly<Record<string, readonly string[]>>;
}
