import { type Head, headOf } from "../../contract/head.ts";
import type { HttpHead, Tell } from "../../contract/provider.ts";

/** What the SDK gives, after telling what the proxy says beside it: ids, limits, and what it billed. */
export async function tellProxyHead<Data>(sent: ProxyAnswer<Data>, tell: Tell | undefined): Promise<Data> {
  // A client that was wrapped for tracing may give a bare promise: then there are no headers to read.
  if (typeof sent.withResponse !== "function") return await sent;
  const { data, response } = await sent.withResponse();
  const head = headOf(response.headers);
  if (head !== undefined) tell?.(withCost(head));
  return data;
}

type ProxyAnswer<Data> = PromiseLike<Data> & { withResponse?(): Promise<{ data: Data; response: HttpHead }> };

// https://docs.litellm.ai/docs/proxy/response_headers
function withCost(head: Head): Head {
  const cost = toCost(head.headers?.["x-litellm-response-cost"]);
  return cost === undefined ? head : { ...head, cost };
}

/** `undefined` for none and for 0, which the proxy also says of a model it knows no price of. */
export function toCost(told: unknown): number | undefined {
  const cost = typeof told === "string" ? Number(told) : told;
  return typeof cost === "number" && Number.isFinite(cost) && cost > 0 ? cost : undefined;
}
