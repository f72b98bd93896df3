import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "vitest";

/** A folder of the recordings. */
export type RecordedProvider =
  | "anthropic"
  | "azure"
  | "azure-openai"
  | "bedrock"
  | "bedrock-invoke"
  | "cohere"
  | "gemini"
  | "groq"
  | "litellm"
  | "mistral"
  | "openai"
  | "openai-compatible"
  | "openai-responses"
  | "vertex";

/** What a project sent. `body` is parsed JSON. */
export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface RecordedHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer whose body is parsed JSON. */
export interface RecordedJson extends RecordedHead {
  readonly body: unknown;
}

/** An answer as text: server-sent events, or a body that is no JSON. */
export interface RecordedText extends RecordedHead {
  readonly text: string;
}

/** An answer as base64: an AWS event stream. */
export interface RecordedBytes extends RecordedHead {
  readonly base64: string;
}

/** What a provider answered. */
export type RecordedResponse = RecordedJson | RecordedText | RecordedBytes;

/** One request and its answer. `request` is `null` where the source kept none. */
export interface Exchange {
  readonly request: RecordedRequest | null;
  readonly response: RecordedResponse;
}

/** Exchanges of one test of another project, in call order. Its README explains tags and fidelity. */
export interface Recording {
  readonly id: string;
  readonly provider: RecordedProvider;
  readonly source: { readonly repo: string; readonly path: string; readonly license: string };
  readonly scenario: readonly string[];
  readonly fidelity: "wire" | "json" | "reassembled" | "body-only";
  readonly model?: string;
  readonly exchanges: readonly Exchange[];
}

/** Chooses recordings, e.g. `({ scenario }) => scenario.includes("stream")`. */
export type RecordingFilter = (recording: Recording) => boolean;

const root = resolve(process.env.CALLSCOPE_RECORDINGS ?? join(import.meta.dirname, "../../../shared/recordings"));

/** Whether the recordings are on this machine. They are other projects' data and no part of the repository. */
export const recordingsPresent = existsSync(join(root, "INDEX.json"));

/** The recordings of one provider, sorted by file name, read from disk anew on each call: yours to change. */
export function recordings(provider: RecordedProvider, filter: RecordingFilter = () => true): Recording[] {
  const folder = join(root, provider);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file): Recording => JSON.parse(readFileSync(join(folder, file), "utf8")))
    .filter(filter);
}

/**
 * A `describe` for each recording of a provider that the filter lets through. Where the recordings are absent this is
 * one skipped test that says so, and in CI (`CI` is set) one that fails. A filter that matches nothing fails too.
 */
export function describeRecordings(
  provider: RecordedProvider,
  body: (recording: Recording) => void,
  filter?: RecordingFilter,
): void {
  describe(`recordings of ${provider}`, () => {
    if (!recordingsPresent) return declareAbsence();
    const chosen = recordings(provider, filter);
    if (chosen.length === 0) test("has a recording that matches the filter", () => fail("The filter matches nothing."));
    for (const recording of chosen) describe(recording.id, () => body(recording));
  });
}

function declareAbsence(): void {
  const sentence = "There are no recordings at ../shared/recordings or CALLSCOPE_RECORDINGS to replay.";
  // In CI an absent judge must not look like a pass.
  test.skipIf(!process.env.CI)(sentence, () => fail(sentence));
}

function fail(sentence: string): never {
  throw new Error(sentence);
}
