import {
  type ErrorKind,
  kindOfOwnCode,
  kindOfWord,
  overflowTexts,
  quotaTexts,
  refusalTexts,
  sharperThanStatus,
  unsentTexts,
} from "./error-words.ts";
import { isCallscopeError } from "./errors.ts";
import { attempt, isObject, read } from "./foreign.ts";
import { isOfEngine, keptFailureOf } from "./kept-failure.ts";
import { isBrokenConnection } from "./network.ts";
import { retryAfterOf } from "./retry-after.ts";

export type { ErrorKind };

/** What `classify` could read from an error. The error itself stays untouched and is not held. */
export interface ErrorView {
  readonly kind: ErrorKind;
  /** The HTTP status, also where only the error body names it; `undefined` when no answer came. */
  readonly status: number | undefined;
  /**
   * Milliseconds the provider asks to wait, as it asks: a day stays a day (86 400 000), so cap it before you sleep.
   * From `retry-after` and its like, from the error body, and, of a rate limit, from the time at which it begins anew.
   * `undefined` when it asks nothing or no time (negative, a past date, "soon").
   */
  readonly retryAfterMs: number | undefined;
  /** Whether the same request can succeed when it is sent again. See `classify` for the set. */
  readonly retryable: boolean;
}

const transient = new Set<ErrorKind>(["rate_limit", "conflict", "overloaded", "server", "timeout", "connection"]);

/** Bounds on foreign data: the length of a `cause` chain, the pieces of a body, the elements of an array in it. */
const most = { causes: 8, pieces: 32, elements: 8 } as const;

/**
 * Says what kind of failure a thrown value is, be it of a provider's SDK, of this library or your own. It reads
 * documented fields only, follows `cause`, needs no SDK, changes and wraps nothing, and never throws.
 *
 * Retryable, alike for all providers: HTTP 408, 409, 429 and all from 500 (529 too) but 501; timeouts; failed or broken
 * connections. Never: an abort, an account out of quota (also as a 429: OpenAI's `insufficient_quota`). Whether to
 * repeat a stream that broke after it gave something is yours to weigh.
 *
 * What cannot be told from the error alone:
 * - Gemini, Vertex AI and Azure's REST client throw the same `AbortError` for their own timeout and for an abort;
 *   Anthropic and Groq drop the reason of an `AbortSignal.timeout()`, as Bedrock's older versions do. All these are
 *   `aborted`, so that nothing stopped on purpose is sent again; `signal.reason` tells. The others keep it: `timeout`.
 * - A signal that was aborted with a value of your own can come back as that value: then it is `unknown`.
 * - Gemini does not show response headers: `retryAfterMs` is the `RetryInfo` of the error body, if there is one.
 * - A `SyntaxError` or `ZodError` is `malformed`, also if your own parser threw it.
 */
export function classify(error: unknown): ErrorView {
  let view: ErrorView | undefined;
  // Whatever status it has, it says nothing of a provider.
  if (isOfEngine(error)) return { kind: "aborted", status: undefined, retryAfterMs: undefined, retryable: false };
  for (const link of causesOf(error)) {
    const next = viewOf(link);
    if (next && (!view || outranks(next.kind, view.kind))) view = next;
  }
  return view ?? { kind: "unknown", status: undefined, retryAfterMs: undefined, retryable: false };
}

/** The outermost error that says something wins, unless what lies beneath says why the call was cut off. */
function outranks(inner: ErrorKind, outer: ErrorKind): boolean {
  if (outer === "connection" || outer === "malformed" || outer === "unknown") return inner !== "unknown";
  return outer === "aborted" && inner === "timeout";
}

function viewOf(link: object): ErrorView | undefined {
  const kept = keptFailureOf(link);
  if (kept !== undefined) {
    const { kind, status, retryAfterMs, retryable } = kept;
    return { kind, status, retryAfterMs, retryable };
  }
  const records = recordsOf(link);
  const words = wordsOf(link, records);
  const status = statusOf(link, records);
  const kind =
    kindOfOwn(link) ??
    firstIn(sharperThanStatus, words) ??
    kindOfHttp(status) ??
    (isBrokenConnection(link) ? "connection" : undefined) ??
    firstIn(kindOfWord, words) ??
    kindOfCohere(link) ??
    kindOfUnsent(link) ??
    (status === undefined ? undefined : status >= 200 && status < 300 ? "malformed" : "unknown");
  if (kind === undefined) return undefined;
  const final = kindOfText(records, kind) ?? kind;
  const retryAfterMs = retryAfterOf(link, records, final === "rate_limit");
  return { kind: final, status, retryAfterMs, retryable: transient.has(final) };
}

function kindOfOwn(link: object): ErrorKind | undefined {
  return attempt(() => (isCallscopeError(link) ? kindOfOwnCode.get(link.code) : undefined));
}

function kindOfHttp(status = 0): ErrorKind | undefined {
  return status < 400 ? undefined : (kindOfWord.get(String(status)) ?? (status >= 500 ? "server" : "invalid_request"));
}

/** Cohere's SDK has no class for either: a timeout is a string beneath, an abort a stand-in answer of type "error". */
function kindOfCohere(link: object): ErrorKind | undefined {
  if (read(link, "cause") === "timeout") return "timeout";
  if (read(link, "body", "type") === "message-end") return "server";
  return read(link, "rawResponse", "status") === 499 ? "aborted" : undefined;
}

function kindOfUnsent(link: object): ErrorKind | undefined {
  const message = read(link, "message");
  return typeof message === "string" ? unsentTexts.find(([, known]) => message.includes(known))?.[0] : undefined;
}

/** What only the words of a refusal tell. */
function kindOfText(records: readonly object[], kind: ErrorKind): ErrorKind | undefined {
  const isRefused = kind === "invalid_request" || kind === "too_large";
  if (!isRefused && kind !== "rate_limit") return undefined;
  const texts = records.map((record) => read(record, "message")).filter((text) => typeof text === "string");
  const lower = texts.map((text) => text.toLowerCase());
  const says = (known: string) => lower.some((text) => text.includes(known));
  if (quotaTexts.some((known) => known.every(says))) return "quota";
  if (!isRefused) return undefined;
  return overflowTexts.some(says) ? "context_overflow" : refusalTexts.find(([, known]) => says(known))?.[0];
}

/** The error and what it says it was caused by, outermost first; the bound also ends a circle. */
function causesOf(error: unknown): readonly object[] {
  const links: object[] = [];
  let next = error;
  while (isObject(next) && links.length < most.causes) {
    links.push(next);
    next = read(next, "cause");
  }
  return links;
}

/**
 * The error and the pieces of its body, outermost first. A body is an object (OpenAI, Anthropic, Cohere), its JSON text
 * (Mistral, the AI SDK's `responseBody`), or the message (Gemini, whose streams put JSON into the message of JSON); Google sends arrays too.
 */
function recordsOf(link: object): readonly object[] {
  const records: object[] = [link];
  for (let index = 0; index < records.length && index < most.pieces; index++) {
    for (const part of partsOf(records[index])) {
      const piece = typeof part === "string" ? parseBody(part) : part;
      if (isObject(piece) && !records.includes(piece)) records.push(piece);
    }
  }
  return records;
}

function partsOf(record: unknown): readonly unknown[] {
  const elements = attempt(() => (Array.isArray(record) ? Array.from(record.slice(0, most.elements)) : undefined));
  return elements ?? ["error", "body", "responseBody", "message", "details"].map((key) => read(record, key));
}

function parseBody(text: string): unknown {
  const start = text.startsWith("got status: ") ? text.indexOf("{") : 0;
  const first = text[start];
  return first === "{" || first === "[" ? attempt(() => JSON.parse(text.slice(start))) : undefined;
}

function wordsOf(link: object, records: readonly object[]): readonly unknown[] {
  const body = records.flatMap((record) =>
    ["code", "type", "status", "reason", "error_code"].map((key) => read(record, key)),
  );
  const name = read(link, "name");
  const sentence = attempt(() => `${name}: ${read(link, "message")}`);
  return [...body, name, read(link, "constructor", "name"), sentence];
}

function firstIn(kinds: ReadonlyMap<string, ErrorKind>, words: readonly unknown[]): ErrorKind | undefined {
  const known = words.find((word) => typeof word === "string" && kinds.has(word));
  return typeof known === "string" ? kinds.get(known) : undefined;
}

function statusOf(link: object, records: readonly object[]): number | undefined {
  const raw = read(link, "rawResponse", "type") === "error" ? undefined : read(link, "rawResponse", "status");
  const answered = [read(link, "status"), read(link, "statusCode"), read(link, "$metadata", "httpStatusCode"), raw];
  const told = records.flatMap((record) => [read(record, "status_code"), read(record, "code")]);
  return answered.map((value) => toStatus(value, 100)).find(Boolean) ?? told.map((v) => toStatus(v, 400)).find(Boolean);
}

/** Azure's REST client gives the status as a string. */
function toStatus(value: unknown, lowest: number): number | undefined {
  const status = typeof value === "string" && value.length === 3 ? Number(value) : value;
  return Number.isInteger(status) && Number(status) >= lowest && Number(status) < 600 ? Number(status) : undefined;
}
