import type { Provider, ProviderTypes } from "../contract/provider.ts";
import { ConfigError } from "../errors/errors.ts";

/** Later parameters over earlier ones, key by key; `undefined` erases nothing, `null` is kept and sent. */
export function mergeParams<Params extends object>(
  first: Partial<Params>,
  second: Partial<Params> | undefined,
  { owned = [] }: Pick<Provider<ProviderTypes>, "owned">,
): Partial<Params> {
  if (second === undefined) return first;
  const merged: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    if (owned.includes(key)) {
      throw new ConfigError(`callParams cannot hold "${key}": the call itself decides about it.`);
    }
    // An own `__proto__` (JSON.parse makes one) is no parameter of any provider.
    if (value !== undefined && key !== "__proto__") merged[key] = value;
  }
  return merged as Partial<Params>;
}
