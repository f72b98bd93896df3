import type Anthropic from "@anthropic-ai/sdk";
import { sumOf, type Tokens, tokensFrom } from "../../money/tokens.ts";

type Usage = Partial<Omit<Anthropic.Usage, "cache_creation">> & {
  readonly cache_creation?: { readonly ephemeral_1h_input_tokens?: number } | null;
  /** Beta: the requests that the answer took, each with its own figures. */
  readonly iterations?: readonly (Usage & { readonly type?: string })[] | null;
};

/**
 * What the model read is the sum of three counts, what it wrote has the thoughts in it:
 * https://platform.claude.com/docs/en/build-with-claude/prompt-caching#tracking-cache-performance. What compaction took
 * is billed and stands in `iterations` alone: https://platform.claude.com/docs/en/build-with-claude/compaction
 */
export function readTokens(usage: Partial<Anthropic.Usage> | null | undefined): Tokens {
  const told: Usage = usage ?? {};
  if (!told.iterations) return readOne(told);
  const iterations = Array.isArray(told.iterations) ? (told.iterations as NonNullable<Usage["iterations"]>) : [];
  const compactions = iterations.filter(({ type }) => type === "compaction");
  // An adviser and a fallback are other models, at prices of their own.
  const unsure = iterations.some(({ type }) => type !== "compaction" && type !== "message");
  const all = [told, ...compactions];
  const sum = (count: (of: Usage) => unknown) => {
    const counts = all.map(count).filter((value) => value !== undefined && value !== null);
    return sumOf(counts[0], ...counts.slice(1));
  };
  const input = inputOf(told);
  return tokensFrom(
    {
      // No prompt is nothing: zeros are what a relay in between writes that was not told.
      input: input === 0 || input === undefined ? undefined : sum(inputOf),
      output: told.output_tokens == null ? undefined : sum(({ output_tokens }) => output_tokens),
      cacheRead: sum(({ cache_read_input_tokens }) => cache_read_input_tokens),
      cacheWrite: sum(({ cache_creation_input_tokens }) => cache_creation_input_tokens),
      cacheWrite1h: sum(({ cache_creation }) => cache_creation?.ephemeral_1h_input_tokens),
      reasoning: told.output_tokens_details?.thinking_tokens,
      ...(compactions.length > 0 && { largest: Math.max(...all.map((of) => inputOf(of) ?? 0)) }),
    },
    unsure,
  );
}

/** The usual answer took one request. */
function readOne(told: Usage): Tokens {
  const input = inputOf(told);
  return tokensFrom({
    // No prompt is nothing: zeros are what a relay in between writes that was not told.
    input: input === 0 ? undefined : input,
    output: told.output_tokens,
    cacheRead: told.cache_read_input_tokens,
    cacheWrite: told.cache_creation_input_tokens,
    cacheWrite1h: told.cache_creation?.ephemeral_1h_input_tokens,
    reasoning: told.output_tokens_details?.thinking_tokens,
  });
}

function inputOf(usage: Usage): number | undefined {
  return sumOf(usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens);
}
