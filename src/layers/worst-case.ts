import type { PreparedData } from "../contract/layer.ts";
import { costOf, loadedPrices, type Prices } from "../money/cost.ts";

// What a request may cost at most, before it is sent.

/** The most a request may use; `undefined` where nothing bounds it. */
export interface WorstCase {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

// What providers add to a request that offers tools, at most: https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview
const toolOverhead = 1_000;
// The most a picture counts on any of them: https://platform.claude.com/docs/en/build-with-claude/vision,
// https://developers.openai.com/api/docs/guides/images-vision
const mostPerPicture = 6_000;

/**
 * A token is at least one byte of UTF-8 in every vocabulary in use, so that a request of n bytes is never more than n
 * tokens; JSON's own signs make up for those a provider puts about the turns. A document or sound given by its address
 * can be of any size: nothing bounds it.
 */
export function worstCaseOf(prepared: PreparedData, mostOutput: number | undefined): WorstCase {
  let pictures = 0;
  let unbounded = false;
  let bytes = 0;
  const look = (value: unknown): void => {
    if (typeof value === "string") bytes += utf8Length(value) + 3;
    else if (value instanceof Uint8Array) bytes += value.byteLength;
    else if (Array.isArray(value)) for (const item of value) look(item);
    else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        bytes += key.length + 4;
        look(item);
      }
    } else bytes += 8;
  };
  look(prepared.request);
  for (const part of partsOf(prepared.neutral)) {
    if (part.type === "image") pictures++;
    else if ((part.type === "document" || part.type === "audio") && part.url !== undefined) unbounded = true;
  }
  const tools = prepared.tools.length > 0 || prepared.output?.mode === "tool" ? toolOverhead : 0;
  return {
    inputTokens: unbounded ? undefined : bytes + pictures * mostPerPicture + tools,
    outputTokens: prepared.answerLimit ?? mostOutput,
  };
}

interface AnyPart {
  readonly type?: unknown;
  readonly url?: unknown;
}

function partsOf(messages: readonly object[]): AnyPart[] {
  return messages.flatMap((message) => {
    const { content } = message as { content?: unknown };
    return Array.isArray(content)
      ? (content.filter((part) => typeof part === "object" && part !== null) as AnyPart[])
      : [];
  });
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) length += code > 0x7ff ? 2 : 1;
  }
  return length;
}

/** US dollars of the worst case: the dearest kind each of its tokens can be. `undefined` where no price is known. */
export function priceOfWorst(
  prepared: Pick<PreparedData, "provider" | "model"> & Partial<Pick<PreparedData, "priced">>,
  { inputTokens, outputTokens }: WorstCase,
  prices: Prices | undefined,
): number | undefined {
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const { provider, model } = prepared.priced ?? prepared;
  const query = { provider, model, requestedModel: prepared.model, at: Date.now(), prices };
  const kinds = [{}, { cacheWrite: inputTokens }, { cacheWrite: inputTokens, cacheWrite1h: inputTokens }];
  const costs = kinds.map((kind) => {
    const tokens = { input: inputTokens, output: outputTokens, ...kind, estimated: true as const };
    return costOf({ ...query, tokens }, loadedPrices()).usd;
  });
  if (costs[0] === undefined) return undefined;
  return Math.max(...costs.filter((usd) => usd !== undefined));
}
