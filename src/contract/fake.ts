import { ConfigError } from "../errors/errors.ts";
import type { FakeAnswer, FakeFailure } from "./fake-answer.ts";
import type { StopReason } from "./provider.ts";

// What the `fake.ts` of several providers share.

/** A provider's words for why an answer ends, by those common to all. */
export type FinishWords<Word extends string> = Readonly<Partial<Record<StopReason, Word>>>;

const stopReasons: Readonly<Record<StopReason, true>> = {
  stop: true,
  pause: true,
  length: true,
  tool_calls: true,
  content_filter: true,
  error: true,
  other: true,
};

/** Why an answer ends, in the provider's word. Throws `ConfigError` where it has none for it. */
export function finishWord<Word extends string>(provider: string, { finish }: FakeAnswer, words: FinishWords<Word>) {
  if (!Object.hasOwn(stopReasons, finish)) return finish as Word;
  const word = words[finish as StopReason];
  if (word !== undefined) return word;
  const known = Object.keys(words).join(", ");
  throw new ConfigError(`${provider} never ends an answer with "${finish}": it has ${known}, or give its own word.`);
}

/** What to do where a provider answers with what others fail with. */
export const answersInstead = 'an answer ends with it: answer({ finish: "content_filter" })';

/** The error for a kind of failure that a provider does not have. */
export function noSuchFailure(provider: string, { kind }: FakeFailure, instead = ""): ConfigError {
  return new ConfigError(`${provider} has no error of the kind "${kind}"${instead && `: ${instead}`}.`);
}

/** What a connection that broke is thrown as by `fetch`. */
export function brokenFetch(message = "read ECONNRESET"): TypeError {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code: "ECONNRESET" }) });
}
