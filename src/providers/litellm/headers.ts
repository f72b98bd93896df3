// A completion does not know how it came: its headers are kept beside it, for as long as it is.
const headersOf = new WeakMap<object, Headers>();

/**
 * The HTTP headers a LiteLLM proxy sent with a completion or with the events of a stream: `x-litellm-call-id`,
 * `x-litellm-model-id`, `x-litellm-response-cost` and their kin. `undefined` for an object that did not come from
 * one in this process. https://docs.litellm.ai/docs/proxy/response_headers
 */
export function proxyHeaders(response: object): Headers | undefined {
  return headersOf.get(response);
}

/** Keeps the headers of an answer and gives the answer. */
export function noteHeaders<T>(answer: T, headers: Headers | undefined): T {
  if (headers !== undefined && typeof answer === "object" && answer !== null) headersOf.set(answer, headers);
  return answer;
}

/** The events as they are; the first one leads to the headers. */
export async function* noteStream<T>(events: AsyncIterable<T>, headers: Headers): AsyncGenerator<T, undefined> {
  let first = true;
  for await (const event of events) {
    if (first) noteHeaders(event, headers);
    first = false;
    yield event;
  }
}
