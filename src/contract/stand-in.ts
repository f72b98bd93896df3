import type { Provider, ProviderTypes } from "./provider.ts";

/**
 * What answers in the provider's place, in the provider's own form: no client is made and nothing is sent. All that
 * stands around a request (time limits, the folding of events, typed failures) is around this, too.
 */
export type StandIn = Pick<Provider<ProviderTypes>, "client" | "create" | "stream">;
