import type { RecordedResponse } from "./recordings.ts";
import { eventsOf, isStream, type Json } from "./replay.ts";

// Reads recorded answers of Google's generateContent by itself, without the library: what a replay is held against.

/** What a recorded answer says. */
export interface GeminiTruth {
  readonly id: string | undefined;
  readonly model: string | undefined;
  readonly content: string;
  readonly thinking: string | undefined;
  readonly finishReasons: readonly unknown[] | undefined;
  readonly usage: Json | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly cachedTokens: number | undefined;
  readonly toolCalls: readonly { id: string; name: string; input: object }[];
  /** The parts of the first candidate, in the order in which they came. */
  readonly parts: readonly Json[];
  /** The events of a stream. */
  readonly events: readonly Json[];
}

interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: Record<string, unknown>;
}

interface RecordedCandidate {
  readonly index?: number;
  readonly finishReason?: unknown;
  readonly content?: { readonly parts?: readonly Json[] };
}

/** The truth about a recorded answer, streamed or not. */
export function geminiTruth(response: RecordedResponse): GeminiTruth {
  const events = isStream(response) ? eventsOf(response) : [];
  const documents = events.length > 0 ? events : [(response as { body: Json }).body];
  const candidates = documents.flatMap((document) => (document.candidates ?? []) as RecordedCandidate[]);
  const parts = candidates.flatMap(({ index = 0, content }) => (index === 0 ? (content?.parts ?? []) : []));
  const reasons = candidates.flatMap(({ finishReason }) => (finishReason ? [finishReason] : []));
  const thoughts = parts.filter(({ thought }) => thought);
  const last = (key: string) => documents.map((document) => document[key]).findLast((value) => value);
  const usage = last("usageMetadata") as Json | undefined;
  return {
    id: last("responseId") as string | undefined,
    model: last("modelVersion") as string | undefined,
    content: textOf(parts.filter(({ thought }) => !thought)),
    thinking: thoughts.length > 0 ? textOf(thoughts) : undefined,
    finishReasons: reasons.length > 0 ? reasons : undefined,
    usage,
    ...tokensOf((usage ?? {}) as Readonly<Record<string, number | undefined>>),
    toolCalls: callsOf(parts),
    parts,
    events,
  };
}

function textOf(parts: readonly Json[]): string {
  return parts.map(({ text }) => text ?? "").join("");
}

/** The prompt with what server-side tools fed in; the answer with its thoughts. */
function tokensOf(usage: Readonly<Record<string, number | undefined>>) {
  const { promptTokenCount: prompt, candidatesTokenCount: answer, thoughtsTokenCount: thoughts } = usage;
  const input = prompt === undefined ? undefined : prompt + (usage.toolUsePromptTokenCount ?? 0);
  const rest = input !== undefined && usage.totalTokenCount !== undefined ? usage.totalTokenCount - input : undefined;
  const isTold = answer !== undefined || thoughts !== undefined;
  return {
    inputTokens: input,
    outputTokens: isTold ? (answer ?? 0) + (thoughts ?? 0) : rest,
    cachedTokens: usage.cachedContentTokenCount,
  };
}

function callsOf(parts: readonly Json[]): Call[] {
  const calls: Call[] = [];
  let open: Call | undefined;
  for (const { functionCall } of parts) {
    if (functionCall === undefined) continue;
    const { id = "", name, args, partialArgs = [], willContinue } = functionCall as Json & Partial<Call>;
    if (name !== undefined) {
      open = { id, name, input: { ...(args as object | undefined) } };
      calls.push(open);
    }
    for (const piece of partialArgs as Json[]) if (open) place(open.input, piece);
    if (!willContinue) open = undefined;
  }
  return calls;
}

function place(root: Record<string, unknown>, piece: Json): void {
  const steps = (piece.jsonPath as string).match(/[^.$[\]]+/g) ?? [];
  let here = root;
  for (const [index, step] of steps.slice(0, -1).entries()) {
    here[step] ??= /^\d+$/.test(steps[index + 1] ?? "") ? [] : {};
    here = here[step] as Record<string, unknown>;
  }
  const leaf = steps.at(-1) as string;
  const { stringValue, numberValue, boolValue } = piece;
  here[leaf] =
    typeof stringValue === "string" ? `${here[leaf] ?? ""}${stringValue}` : (numberValue ?? boolValue ?? null);
}

/** US dollars a million tokens: input, cached input, output. https://ai.google.dev/gemini-api/docs/pricing, seen 2026-11 */
const prices: Readonly<Record<string, readonly [number, number, number]>> = {
  "gemini-2.5-flash": [0.3, 0.03, 2.5],
  "gemini-2.5-flash-lite": [0.1, 0.01, 0.4],
  "gemini-3-flash-preview": [0.5, 0.05, 3],
  "gemini-3.5-flash": [1.5, 0.15, 9],
  "gemini-3.6-flash": [0.75, 0.075, 3.75],
  "gemini-3.1-flash-lite": [0.25, 0.025, 1.5],
  "gemini-3.1-pro-preview": [2, 0.2, 12],
  "gemini-2.5-pro": [1.25, 0.125, 10],
};

/** The cost worked out by hand; `undefined` for models, tiers and kinds of token that the table above does not have. */
export function costByHand({ model, usage, inputTokens, outputTokens, cachedTokens = 0 }: GeminiTruth) {
  const price = prices[model ?? ""];
  if (price === undefined || inputTokens === undefined || outputTokens === undefined) return undefined;
  if (JSON.stringify(usage).includes('"AUDIO"')) return undefined;
  const [input, cached, output] = price;
  return ((inputTokens - cachedTokens) * input + cachedTokens * cached + outputTokens * output) / 1e6;
}
