import type { Outgoing, PreparedData } from "../contract/layer.ts";
import { isPriceSource, loadedPrices, type ModelFacts, type PriceConditions, type Prices } from "../money/cost.ts";
import type { Tokens } from "../money/tokens.ts";
import { worstInput } from "./worst-input.ts";

// What a request may cost at most, before it is sent.

/** The most a request may use; `undefined` where nothing bounds it. */
export interface WorstCase {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** What nothing bounds: a sentence's end. */
  readonly unbounded: string | undefined;
  /** True where sound goes in or comes out, which has prices of its own. */
  readonly audio: boolean;
}

/**
 * The input by its bytes, or the model's window where it holds what can be of any size; the output by the call's own
 * limit, else `mostOutput`, else what the model can write at most.
 */
export function worstCaseOf(
  prepared: PreparedData,
  mostOutput: number | undefined,
  prices: Prices | undefined,
): WorstCase {
  const { request, output } = prepared;
  const input = worstInput(request, output?.mode === "tool");
  const facts = factsOf(prepared, prices);
  const window = facts?.contextTokens;
  const inputTokens =
    input.endless !== undefined
      ? undefined
      : input.unbounded === undefined
        ? input.tokens
        : window && input.tokens < window
          ? window
          : undefined;
  const documented = facts?.outputTokens;
  const outputTokens =
    prepared.answerLimit ?? mostOutput ?? (documented === undefined ? undefined : documented * choicesOf(request));
  return {
    inputTokens,
    outputTokens,
    unbounded:
      inputTokens === undefined
        ? `its input: ${input.endless ?? input.unbounded}`
        : outputTokens === undefined
          ? "its output: set a limit"
          : undefined,
    audio: input.audio || asksSound(request),
  };
}

function factsOf({ provider, model, priced }: PreparedData, prices: Prices | undefined): ModelFacts | undefined {
  const asked = priced ?? { provider, model };
  const own = prices !== undefined && isPriceSource(prices) ? prices.about?.(asked.provider, asked.model) : undefined;
  return own ?? loadedPrices().about?.(asked.provider, asked.model);
}

// How many answers are asked for, in the words of the wires that have more than one.
function choicesOf(request: object): number {
  const { n, config } = request as { n?: unknown; config?: { candidateCount?: unknown } | undefined };
  const count = n ?? config?.candidateCount;
  return Number.isInteger(count) && Number(count) > 0 ? Number(count) : 1;
}

function asksSound(request: object): boolean {
  const { modalities, audio, config } = request as Record<string, unknown>;
  const asked = modalities ?? (config as { responseModalities?: unknown } | undefined)?.responseModalities;
  return audio != null || (Array.isArray(asked) && asked.some((one) => String(one).toLowerCase() === "audio"));
}

/**
 * US dollars of the worst case: the dearest kind that each of its tokens can be, at the tier that was asked for and at the
 * standard one. `undefined` where no price is known.
 */
export function priceOfWorst(
  request: Outgoing,
  { inputTokens: input, outputTokens: output, audio }: WorstCase,
  prices: Prices | undefined,
): number | undefined {
  if (input === undefined || output === undefined) return undefined;
  const readings: Tokens[] = [
    { input, output },
    { input, output, cacheWrite: input },
    { input, output, cacheWrite: input, cacheWrite1h: input },
  ];
  if (audio) {
    readings.push({ input, output, inputAudio: input }, { input, output, outputAudio: output });
    readings.push({ input, output, inputAudio: input, outputAudio: output });
  }
  const most = request.dearestOf(readings, prices);
  const conditions = conditionsOf(request.prepared.request);
  if (conditions === undefined || most === undefined) return most;
  // Where the price of what was asked for by name is not known, nothing is: it may be the dearer one.
  const named = request.dearestOf(readings, prices, conditions);
  return named === undefined ? undefined : Math.max(most, named);
}

/** The tier and the place that were asked for by name; `auto` may be any that the account has. */
function conditionsOf(request: object): PriceConditions | undefined {
  const { service_tier, serviceTier, inference_geo: region, config } = request as Record<string, unknown>;
  const asked = service_tier ?? serviceTier ?? (config as { serviceTier?: unknown } | undefined)?.serviceTier;
  const name = typeof asked === "object" && asked !== null ? (asked as { type?: unknown }).type : asked;
  const tier = typeof name === "string" && !standardTiers.test(name) ? name : undefined;
  if (tier === undefined && typeof region !== "string") return undefined;
  return { tier, region: typeof region === "string" ? region : undefined };
}

const standardTiers = /^(?:auto|default|standard|standard_only|on_demand)$/i;
