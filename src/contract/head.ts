/** What an SDK tells beside its object. Plain data; of the headers only those on the list of `headOf`, no key among them. */
export interface Head {
  /** The provider's own id of the request: what its support asks for. */
  readonly requestId?: string | undefined;
  /** US dollars, where the provider or a proxy reports them beside the answer. */
  readonly cost?: number | undefined;
  /** Why no list's price may take the place of a cost that is not told: a sentence. */
  readonly unpriced?: string | undefined;
  /** True for an answer that a proxy had in its cache. */
  readonly cached?: boolean | undefined;
  /** Rate limits, retry-after and ids, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

// What providers and proxies tell of a request in its headers. A list, not all but some: what is not on it is not kept.
const allowed =
  /^(?:x-request-id|request-id|x-amzn-requestid|apim-request-id|x-ms-request-id|x-ms-region|x-goog-request-id|x-groq-region|cf-ray|mistral-correlation-id|retry-after|retry-after-ms|x-should-retry|openai-processing-ms|openai-version|anthropic-organization-id|x-(?:ms-)?ratelimit-[\w-]+|ratelimit[\w-]*|x-ratelimit[\w-]*|anthropic-(?:fast-)?ratelimit-[\w-]+|x-litellm-(?!key-)[\w-]+|llm_provider-x-ratelimit-[\w-]+)$/;

const ids = [
  "x-request-id",
  "request-id",
  "apim-request-id",
  "x-amzn-requestid",
  "mistral-correlation-id",
  "x-litellm-call-id",
];

/** The headers of an answer that say something of it; `undefined` where there are none. */
export function headOf(headers: Iterable<readonly [string, string]> | undefined): Head | undefined {
  if (headers === undefined) return undefined;
  const kept: Record<string, string> = {};
  let any = false;
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (!allowed.test(key)) continue;
    kept[key] = value;
    any = true;
  }
  if (!any) return undefined;
  const id = ids.find((name) => kept[name] !== undefined);
  return { ...(id !== undefined && { requestId: kept[id] }), headers: kept };
}

/** The same of an object of headers, as some SDKs keep them. */
export function headOfObject(headers: object | undefined, requestId?: string): Head | undefined {
  if (headers === undefined) return requestId === undefined ? undefined : { requestId };
  const entries = Object.entries(headers).filter((entry): entry is [string, string] => {
    return typeof entry[1] === "string";
  });
  const head = headOf(entries);
  return requestId === undefined ? head : { ...head, requestId };
}
