import { budget, type Layer, limit, observe, retry } from "callscope";

const most = Number.MAX_SAFE_INTEGER;
const known: Readonly<Record<string, Layer>> = {
  retry: retry(),
  limit: limit({ concurrency: 100, requestsPerMinute: most, tokensPerMinute: most }),
  budget: budget({ usd: 1_000_000, tokens: most, requests: most, unpriced: "allow", outputTokens: 1_000 }),
  observe: observe({ response: () => {} }),
};

/** All four. */
export const wholeStack = "retry+limit+budget+observe";

/** The layers named by a stack: `retry+limit`. None of them ever has to hold a request back. */
export function layersOf(stack: string): Layer[] {
  return stack.split("+").map((name) => known[name] as Layer);
}
