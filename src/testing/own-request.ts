import type { Outgoing } from "../contract/layer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { ConfigError } from "../errors/errors.ts";
import { OutgoingRequest } from "../send/outgoing.ts";

/** A request with what is known of it inside the library: its provider, its schemas. */
export type OwnRequest = OutgoingRequest<ProviderTypes>;

/** The same request, seen from inside. Throws `ConfigError` for one that is none. */
export function ownRequest(request: Outgoing): OwnRequest {
  if (request instanceof OutgoingRequest) return request;
  throw new ConfigError("A layer was handed a request that no call has made.");
}
