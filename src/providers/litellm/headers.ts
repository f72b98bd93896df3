import { type Head, headOf } from "../../contract/head.ts";
import type { HttpHead, Sent, Tell } from "../../contract/provider.ts";

/** What the SDK gives, after telling what the proxy says beside it: ids, limits, and what it billed. */
export async function tellProxyHead<Data>(sent: ProxyAnswer<Data>, tell: Tell | undefined): Promise<Data> {
  // A client that was wrapped for tracing may give a bare promise: then there are no headers to read.
  if (typeof sent.withResponse !== "function") return await sent;
  const { data, response } = await sent.withResponse();
  const head = headOf(response.headers);
  if (head !== undefined) tell?.(withCost(head));
  return data;
}

/** The same for a stream, whose response may be read in the SDK's place. */
export function tellProxyStream<Data>(sent: ProxyAnswer<Data>, tell: Tell | undefined): Sent<Data> {
  const told = tellProxyHead(sent, tell);
  const { asResponse } = sent;
  return asResponse === undefined ? told : Object.assign(told, { asResponse: () => asResponse.call(sent) });
}

type ProxyAnswer<Data> = PromiseLike<Data> & {
  withResponse?(): Promise<{ data: Data; response: HttpHead }>;
  asResponse?(): PromiseLike<HttpHead>;
};

const unpriced = "The proxy says 0 of the cost: it knows no price, or it answered from a cache.";

// https://docs.litellm.ai/docs/proxy/response_headers
function withCost(head: Head): Head {
  // The key is told with what came out of the proxy's cache, and was paid before: https://docs.litellm.ai/docs/proxy/caching
  if (head.headers?.["x-litellm-cache-key"] !== undefined) return { ...head, cost: 0, cached: true };
  const told = head.headers?.["x-litellm-response-cost"];
  const cost = toCost(told);
  if (cost !== undefined) return { ...head, cost };
  return told !== undefined && Number(told) === 0 ? { ...head, unpriced } : head;
}

/** `undefined` for none and for 0, which the proxy also says of a model it knows no price of. */
export function toCost(told: unknown): number | undefined {
  const cost = typeof told === "string" ? Number(told) : told;
  return typeof cost === "number" && Number.isFinite(cost) && cost > 0 ? cost : undefined;
}
