import type { Provider, ProviderTypes } from "./provider.ts";

// The machine itself, where test servers and recordings stand: what they answer counts as the provider's own.
const loopback = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

// By client, for as long as there is one: an address does not change.
const known = new WeakMap<object, string | undefined>();

/**
 * Why the price list does not hold for what this client is sent, or `undefined` where it does: the requests go to somebody
 * who may ask another price for a model of the same name. A client that does not tell its address counts as the provider's own.
 */
export function elsewhereOf<P extends ProviderTypes>(
  provider: Provider<P>,
  client: P["Client"],
): string | undefined | Promise<string | undefined> {
  if (known.has(client)) return known.get(client);
  return look(provider, client);
}

async function look<P extends ProviderTypes>(provider: Provider<P>, client: P["Client"]): Promise<string | undefined> {
  const host = hostOf(await provider.address?.(client));
  const isOwn = host === undefined || loopback.test(host) || provider.hosts?.test(host) !== false;
  const reason = isOwn ? undefined : `The client sends to ${host}, whose prices no list has: \`prices\` can tell them.`;
  known.set(client, reason);
  return reason;
}

function hostOf(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  return new URL(address).hostname;
}
