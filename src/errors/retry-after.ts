import { attempt, isObject, read } from "./foreign.ts";

// How long a service asks to wait, in every form in which one of them says so.

/**
 * Milliseconds, or `undefined` where nothing is asked, or nothing that is a time (negative, past, "soon"). `records` are the
 * error and the pieces of its body. How long a rate limit lasts is asked for where it was hit: every answer tells it.
 */
export function retryAfterOf(link: object, records: readonly object[], isRateLimit: boolean): number | undefined {
  const paths = [["headers"], ["rawResponse", "headers"], ["$response", "headers"], ["response", "headers"]] as const;
  const headers = [
    ...paths.map((path) => read(link, ...path)),
    // The AI SDK, https://ai-sdk.dev/docs/reference/ai-sdk-errors/ai-api-call-error
    read(link, "responseHeaders"),
    // OpenRouter, https://openrouter.ai/docs/api-reference/errors
    ...records.map((record) => read(record, "metadata", "headers")),
  ].filter(isObject);
  return (
    first(headers, waitOf) ??
    first(records, waitInBody) ??
    (isRateLimit ? (first(headers, resetOf) ?? first(records, waitInText)) : undefined)
  );
}

function first<Item>(items: readonly Item[], look: (item: Item) => number | undefined): number | undefined {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

// The prefix is LiteLLM's, for what the model's provider said: docs.litellm.ai/docs/proxy/response_headers
const prefixes = ["", "llm_provider-"] as const;

function waitOf(headers: object): number | undefined {
  return first(
    prefixes,
    (prefix) =>
      // Azure's two names, and that of AWS: github.com/Azure/azure-sdk-for-js/tree/main/sdk/core/core-rest-pipeline
      toMilliseconds(headerOf(headers, `${prefix}retry-after-ms`), 1) ??
      toMilliseconds(headerOf(headers, `${prefix}x-ms-retry-after-ms`), 1) ??
      toMilliseconds(headerOf(headers, `${prefix}x-amz-retry-after`), 1) ??
      toMilliseconds(headerOf(headers, `${prefix}retry-after`)),
  );
}

/** `google.rpc.RetryInfo`, whose Duration is "39s" or its two numbers, and `retryAfterSeconds` of AWS exceptions. */
function waitInBody(record: object): number | undefined {
  const delay = read(record, "retryDelay");
  if (typeof delay === "string") return delay.endsWith("s") ? toMilliseconds(delay.slice(0, -1)) : undefined;
  const parts = [read(delay, "seconds") ?? 0, read(delay, "nanos") ?? 0].map(Number);
  const [seconds = Number.NaN, nanos = Number.NaN] = isObject(delay) ? parts : [];
  return checked(seconds * 1000 + nanos / 1e6) ?? toMilliseconds(textOf(read(record, "retryAfterSeconds")));
}

// What each of them calls a limit, and how it says what is left of it and when it begins anew:
// developers.openai.com/api/docs/guides/rate-limits, console.groq.com/docs/rate-limits,
// platform.claude.com/docs/en/api/rate-limits, docs.mistral.ai/deployment/laplateforme/tier, and the plain form.
const limits: readonly (readonly [left: string, reset: string])[] = [
  ...["requests", "tokens", "project-tokens", "input-tokens", "output-tokens", "images"].flatMap((what) => [
    [`x-ratelimit-remaining-${what}`, `x-ratelimit-reset-${what}`] as const,
    [`anthropic-ratelimit-${what}-remaining`, `anthropic-ratelimit-${what}-reset`] as const,
  ]),
  ["ratelimitbysize-remaining", "ratelimitbysize-reset"],
  ["x-ratelimit-remaining", "x-ratelimit-reset"],
  ["ratelimit-remaining", "ratelimit-reset"],
];

/** Until the limits that are used up begin anew; where none is said to be, until all do. */
function resetOf(headers: object): number | undefined {
  return first(prefixes, (prefix) => {
    const told = limits.flatMap(([left, reset]) => {
      const wait = toReset(headerOf(headers, `${prefix}${reset}`));
      return wait === undefined ? [] : [{ wait, isUsedUp: headerOf(headers, `${prefix}${left}`) === "0" }];
    });
    const usedUp = told.filter(({ isUsedUp }) => isUsedUp);
    const waits = (usedUp.length > 0 ? usedUp : told).map(({ wait }) => wait);
    return waits.length > 0 ? Math.max(...waits) : undefined;
  });
}

/** "6m0s" and "820ms", seconds, a date and time (RFC 3339), or seconds or milliseconds since 1970. */
function toReset(text: string): number | undefined {
  if (/^\d{4}-\d{2}-\d{2}T/.test(text)) return checked(Date.parse(text) - Date.now());
  const count = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (count > 1e11) return checked(count - Date.now());
  if (count > 1e9) return checked(count * 1000 - Date.now());
  return toMilliseconds(text) ?? toDuration(text);
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A length of time as Go writes it: "1h2m3.5s". */
function toDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/.test(text)) return undefined;
  let wait = 0;
  for (const [, count, unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) {
    wait += Number(count) * (units[unit] ?? Number.NaN);
  }
  return checked(wait);
}

// OpenAI and Groq say "Please try again in 6m0s.", Gemini "Please retry in 39.5s.", Azure "retry after 26 seconds": all that
// there is where the error came inside a stream, or through a proxy.
const sentence = /(?:try again|retry) (?:in|after) (\d[\d.hms]{0,24})(?: (seconds?|milliseconds?|minutes?))?/i;

function waitInText(record: object): number | undefined {
  const [, amount = "", word = ""] = sentence.exec(textOf(read(record, "message")).slice(0, 5000)) ?? [];
  const text = amount.endsWith(".") ? amount.slice(0, -1) : amount;
  if (word.toLowerCase().startsWith("milli")) return toMilliseconds(text, 1);
  if (word.toLowerCase().startsWith("minute")) return toMilliseconds(text, 60_000);
  return word === "" ? toDuration(text) : toMilliseconds(text);
}

/** The text of a header, or "": from a `Headers`, a plain object in any case, or an array of pairs. */
function headerOf(headers: object, name: string): string {
  const value = attempt(() => {
    const get = read(headers, "get");
    if (typeof get === "function") return get.call(headers, name);
    const entries: readonly unknown[] = Array.isArray(headers) ? headers : Object.entries(headers);
    const entry = entries.find((pair) => String(read(pair, "0")).toLowerCase() === name);
    const found = read(entry, "1");
    return Array.isArray(found) ? found[0] : found;
  });
  return textOf(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
}

/** A count of `unit` milliseconds, or a date in one of the three forms a recipient has to take: RFC 9110, 5.6.7. */
function toMilliseconds(text: string, unit = 1000): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return checked(Number(text) * unit);
  const isDate =
    /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text) ||
    /^\w{6,9}, \d{2}-\w{3}-\d{2} \d{2}:\d{2}:\d{2} GMT$/.test(text);
  const isAscii = /^\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/.test(text);
  return isDate || isAscii ? checked(Date.parse(isAscii ? `${text} GMT` : text) - Date.now()) : undefined;
}

function checked(wait: number): number | undefined {
  return Number.isFinite(wait) && wait >= 0 ? Math.round(wait) : undefined;
}
