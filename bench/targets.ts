/** What is aimed at: CPU time relative to the SDK's, or milliseconds where the row is in them. */
export interface Target {
  /** On the user's plain client. */
  readonly plain: number;
  /** With the `fetch` of `callscope/fetch`. */
  readonly pooled: number;
}

/** The rows of the table over all scenarios, in its order. */
export const targets: Readonly<Record<string, Target>> = {
  "one small call": { plain: 1.02, pooled: 0.66 },
  "100 KB call, 10 tools": { plain: 1.02, pooled: 0.58 },
  "event, OpenAI's SDK, burst": { plain: 0.35, pooled: 0.33 },
  "the same, one event a write": { plain: 0.5, pooled: 0.45 },
  "the same, 50 streams at once": { plain: 0.4, pooled: 0.38 },
  "event, Anthropic's SDK, burst": { plain: 0.6, pooled: 0.55 },
  "stream of 12 events, opened to closed": { plain: 0.6, pooled: 0.5 },
  "50 KB of tool arguments, each delta seen": { plain: 0.6, pooled: 0.55 },
  "extraction, 30 fields": { plain: 1.04, pooled: 0.74 },
  "2,000 objects, every partial read, ms": { plain: 90, pooled: 85 },
};
