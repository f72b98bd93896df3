import type { Attempt } from "../contract/answer.ts";
import { attemptsOf, noteAttempts } from "../contract/attempts.ts";
import type { ReceivedData } from "../contract/received.ts";
import { classify } from "../errors/classify.ts";
import { ConfigError } from "../errors/errors.ts";
import { type KeptFailure, noteEngine, noteKept, ownErrorOf } from "../errors/kept-failure.ts";
import { plainOrDropped } from "../json/plain.ts";
import type { ResultPart } from "../message/parts.ts";
import type { Engine } from "./engine.ts";

/** What a step came to, as it lies in the engine's journal: JSON text. */
export type Kept = {
  readonly version: 1;
  /** A hash of what was asked: a replay that asks something else is told so. */
  readonly asked: string;
} & Outcome;

/** What a request or a tool came to. */
export type Outcome =
  | { readonly received: ReceivedData }
  | { readonly output: KeptOutput }
  | { readonly failure: KeptFailure; readonly attempts: readonly Attempt[] };

/** What a tool gave: a text, texts and media, an error it gave as its value, or what JSON makes of anything else. */
export type KeptOutput =
  | { readonly text: string }
  | { readonly parts: readonly ResultPart[] }
  | { readonly error: string }
  | { readonly json?: unknown };

/** What is kept of an error. */
export function failureOf(error: unknown): Outcome {
  const { kind, status, retryAfterMs, retryable } = classify(error);
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
  // Most SDKs leave the name at that, and tell their errors apart by class.
  const known = name === "Error" ? (error as Error).constructor.name : name;
  const { code } = ownErrorOf(error) ?? {};
  return {
    failure: { name: known, message, kind, status, retryAfterMs, retryable, code },
    attempts: attemptsOf(error),
  };
}

/** An outcome as text, or, where a step cannot hold it, that failure as text. */
export function keptText(asked: string, outcome: Outcome, { maxBytes }: Engine): string {
  const text = JSON.stringify({ version: 1, asked, ...outcome } satisfies Kept, plainOrDropped);
  const bytes = maxBytes === undefined ? 0 : new TextEncoder().encode(text).length;
  if (maxBytes === undefined || bytes <= maxBytes) return text;
  const message = `The answer has ${bytes} bytes, and a durable step holds at most ${maxBytes}: it was not kept.`;
  return keptText(asked, failureOf(new RangeError(message)), { maxBytes: undefined } as Engine);
}

/** What a step holds. Throws the failure that was kept. */
export function readKept(
  text: string,
  name: string,
  asked: string,
  engine: Engine,
): Exclude<Outcome, { failure: unknown }> {
  const kept = JSON.parse(text) as Kept;
  if (kept.asked !== asked) throw mismatch(name);
  if (!("failure" in kept)) return kept;
  const error = noteKept(engine.failed(kept.failure), kept.failure);
  // A failed request is told with the error that stands for it, in a replay as in the first run.
  noteAttempts(
    error,
    kept.attempts.map((one) => ("error" in one ? withError(one, error) : one)),
  );
  throw error;
}

/** As JSON it stays what it was: a kind and a status. */
function withError(attempt: Attempt, error: unknown): Attempt {
  return Object.defineProperty({ ...attempt, error }, "toJSON", { value: () => attempt });
}

function mismatch(name: string): ConfigError {
  const error = new ConfigError(
    `The durable step "${name}" holds the answer to another request than the one that is made now: a replayed run must ask the same in the same order. Is there a date, a random number or a race in what the prompt is made of, or was the code changed under a run?`,
  );
  noteEngine(error);
  return error;
}
