import type { LookupAddress } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { default as IpAddress } from "ipaddr.js";
import { missingSdk } from "../contract/sdk.ts";
import { ToolFailure } from "./tool-failure.ts";

/** Finds the addresses of a host. */
export type HostLookup = (host: string) => Promise<readonly string[]>;

/** The system's own: its resolver and its table of hosts. */
export const lookupBySystem: HostLookup = async (host) => {
  const found = await systemLookup(host, { all: true, verbatim: true });
  return found.map(({ address }) => address);
};

/**
 * The addresses of a host, each of them public unless the host is one of those the owner named. Throws `ToolFailure`:
 * where one address of several is private, all are refused, as a list of both is what an attack looks like.
 */
export async function publicAddresses(
  host: string,
  { lookup, mayBePrivate }: { readonly lookup: HostLookup; readonly mayBePrivate: boolean },
): Promise<LookupAddress[]> {
  const { default: ipaddr } = await import("ipaddr.js").catch(missingSdk("ipaddr.js", "tools"));
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  const found = isIP(bare) === 0 ? await resolve(bare, lookup) : [bare];
  return found.map((address) => {
    const family = isIP(address);
    if (family === 0) throw new ToolFailure("failed", `The host "${host}" has no usable address.`);
    if (!mayBePrivate && !isPublic(address, ipaddr)) {
      throw new ToolFailure(
        "refused",
        `The host "${host}" is not on the public internet; only such hosts are allowed.`,
      );
    }
    return { address, family };
  });
}

async function resolve(host: string, lookup: HostLookup): Promise<readonly string[]> {
  try {
    const found = await lookup(host);
    if (found.length > 0) return found;
  } catch (cause) {
    throw new ToolFailure("failed", `The host "${host}" cannot be found.`, { cause });
  }
  throw new ToolFailure("failed", `The host "${host}" has no address.`);
}

/** What the internet routes: neither of this machine, nor of its network, nor set aside by IANA's registries. */
function isPublic(address: string, ipaddr: typeof IpAddress): boolean {
  // An IPv4 address in the clothes of an IPv6 one counts as what it is.
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return false;
  // Only 2000::/3 is given out (https://www.iana.org/assignments/ipv6-address-space); the old form ::a.b.c.d is outside.
  return parsed.kind() === "ipv4" || parsed.match(ipaddr.parse("2000::"), 3);
}
