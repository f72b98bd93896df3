import type { ChunkReading, Draft, Provider, ProviderTypes } from "../contract/provider.ts";

/** Folds a whole response into a draft, as the one event that says all of it. */
export function readWhole<P extends ProviderTypes>(
  provider: Provider<P>,
  response: P["Response"],
  draft: Draft<P>,
): ChunkReading<P> {
  const { toolCalls, thinking, ...reading } = provider.read(response);
  draft.response = response;
  draft.done = true;
  for (const [index, { id, name, input }] of toolCalls.entries()) {
    const delta = typeof input === "string" ? input : JSON.stringify(input);
    draft.calls.push({ key: id || index, id, name, input, delta, complete: true });
  }
  const { id, model, content, finishReasons, usage, tokens, audio } = reading;
  const thought = thinking?.map(({ text }) => text).join("");
  return { id, model, content, thinking: thought || undefined, finishReasons, usage, tokens, audio };
}
