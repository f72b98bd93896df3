import type { Provider, ProviderTypes, Reading } from "./provider.ts";

// The machine itself, where test servers and recordings stand: what they answer counts as the provider's own.
const loopback = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Why the price list does not hold for what a client is sent, `null` where it does: the requests go to somebody who may ask
 * another price for a model of the same name. Known for as long as there is the client, whose address does not change;
 * looked up inline, because it stands in the way of every call.
 */
export const knownElsewhere = new WeakMap<object, string | null>();

/** The same for a client that is seen for the first time. One that does not tell its address counts as the provider's own. */
export async function lookElsewhere<P extends ProviderTypes>(
  provider: Provider<P>,
  client: P["Client"],
): Promise<string | null> {
  const host = (await addressOf(provider, client))?.replace(/:\d+$/, "");
  const reason = reasonOf(host, provider.hosts);
  knownElsewhere.set(client, reason);
  return reason;
}

/** Where a client sends to, as far as its SDK tells: the host, and the port where it is not the usual one. */
export async function addressOf<P extends ProviderTypes>(
  provider: Pick<Provider<P>, "address" | "endpoint">,
  client: P["Client"],
): Promise<string | undefined> {
  return provider.address?.(client) ?? (await provider.endpoint?.(client));
}

/** @internal The same as far as it can be told at once: of the default client, and by an SDK that is to be asked, nothing. */
export function elsewhereOf({ address, hosts }: Pick<Provider<ProviderTypes>, "address" | "hosts">, client: unknown) {
  if (typeof client !== "object" || client === null) return undefined;
  const known = knownElsewhere.get(client);
  if (known !== undefined) return known ?? undefined;
  return reasonOf(address?.(client)?.replace(/:\d+$/, ""), hosts) ?? undefined;
}

function reasonOf(host: string | undefined, hosts: RegExp | undefined): string | null {
  const isOwn = host === undefined || isLoopback(host) || hosts?.test(host) !== false;
  return isOwn ? null : `The client sends to ${host}, whose prices no list has: \`prices\` can tell them.`;
}

/** The host of an address, with its port where that is not the usual one; `undefined` for what is none. */
export function hostOf(address: unknown): string | undefined {
  return typeof address === "string" && URL.canParse(address) ? new URL(address).host : undefined;
}

/** True for an address in this machine, by its host without a port. */
export function isLoopback(host: string): boolean {
  return loopback.test(host);
}

/** @internal Whose price list a model is looked up in. */
export function pricedBy(
  { name, priced }: Pick<Provider<ProviderTypes>, "name" | "priced">,
  model: string,
  told?: Reading<ProviderTypes>["priced"],
): { readonly provider: string; readonly model: string } {
  if (told !== undefined) return { provider: told.provider, model: told.model ?? model };
  return priced?.(model) ?? { provider: name, model };
}
