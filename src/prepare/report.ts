import { type Destination, fitConversation } from "../contract/conversation.ts";
import type { Provider, ProviderTypes } from "../contract/provider.ts";
import { isMessage } from "../message/message.ts";
import type { Message, Part } from "../message/parts.ts";
import { costOf, loadPrices, type PriceSource, type Prices } from "../money/cost.ts";
import { estimateInput } from "./estimate.ts";
import type { Plan, Prepared } from "./prepare.ts";

/** What `prepare` tells beside the request. Nothing of it needed a network. */
export interface PrepareReport {
  /** About how many tokens the request is for the model to read. An estimate, good to about a third. */
  readonly estimatedInputTokens: number;
  /** US dollars: with an empty answer, and with the longest that the request allows. `undefined` where not known. */
  readonly estimatedCost: { readonly least: number | undefined; readonly most: number | undefined };
  /** What was renamed, converted or left out on the way to this provider, a sentence each. */
  readonly changes: readonly string[];
}

/** A prepared call with what is to be known about it. */
export type PreparedCall<P extends ProviderTypes> = Prepared<P> & PrepareReport;

/** @internal Adds the report to a prepared call. */
export async function withReport<P extends ProviderTypes>(
  provider: Provider<P>,
  { prepared, neutral }: Plan<P>,
  prices: Prices | undefined,
): Promise<PreparedCall<P>> {
  const input = estimateInput(neutral, provider);
  const source = await loadPrices();
  const cost = (output: number | undefined) => price(provider, prepared, input, output, prices, source);
  return Object.assign(prepared, {
    estimatedInputTokens: input,
    estimatedCost: { least: cost(0), most: cost(prepared.answerLimit) },
    changes: [...prepared.changes, ...converted(prepared.neutral, provider)],
  });
}

function price<P extends ProviderTypes>(
  by: Provider<P>,
  { provider, model }: Prepared<P>,
  input: number,
  output: number | undefined,
  prices: Prices | undefined,
  source: PriceSource,
): number | undefined {
  if (output === undefined) return undefined;
  const tokens = { input, output, estimated: true as const };
  const priced = by.priced?.(model) ?? { provider, model };
  return costOf({ ...priced, requestedModel: model, tokens, at: Date.now(), prices }, source).usd;
}

/** What becomes of turns that another provider wrote. */
function converted(messages: readonly object[], to: Destination): string[] {
  const changes: string[] = [];
  const fitted = fitConversation(messages, to);
  const own = [to.name, ...(to.kin ?? [])];
  const foreign = messages.filter((message): message is Message => {
    return isMessage(message) && message.role === "assistant" && !own.includes(message.native?.provider ?? "");
  });
  const parts = foreign.flatMap(({ content }) => (typeof content === "string" ? [] : content));
  const thoughts = parts.filter(({ type }) => type === "thinking").length;
  if (thoughts > 0) changes.push(`Thoughts that this provider did not have itself are left out: ${thoughts}.`);
  const before = idsOf(messages);
  const after = idsOf(fitted);
  const moved = [...before].filter((id) => !after.has(id)).length;
  if (moved > 0) changes.push(`Ids of tool calls are replaced by ones that fit: ${moved}.`);
  const closed = resultsIn(fitted) - resultsIn(messages);
  if (closed > 0) changes.push(`Tool calls without a result are closed by one that says so: ${closed}.`);
  return changes;
}

function partsOf(messages: readonly object[]): readonly Part[] {
  return messages.flatMap((message) => {
    const { content } = message as { content?: unknown };
    return Array.isArray(content) ? (content as Part[]) : [];
  });
}

function idsOf(messages: readonly object[]): Set<string> {
  return new Set(partsOf(messages).flatMap((part) => (part.type === "tool_call" ? [part.id] : [])));
}

function resultsIn(messages: readonly object[]): number {
  return partsOf(messages).filter(({ type }) => type === "tool_result").length;
}
