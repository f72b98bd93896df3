import type { Provider, ProviderTypes, TelemetryNames } from "./provider.ts";

/** What telemetry calls a provider: by its own name, where the conventions have none. `client` is the one that was given. */
export function telemetryOf<P extends ProviderTypes>(provider: Provider<P>, client: unknown): TelemetryNames {
  return provider.telemetry?.(client as P["Client"] | undefined) ?? { provider: provider.name };
}
