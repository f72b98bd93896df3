import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { amount, checkFunction, checkOptions, wholeNumber } from "../layers/options.ts";
import { type HostLookup, lookupBySystem } from "./addresses.ts";

/** What bounds the tools that go to the web. */
export interface WebOptions {
  /** The hosts that may be asked: `example.org`, or `*.example.org` for all below it. Default: every public one. */
  readonly hosts?: readonly string[];
  /** Hosts that may be private: `intranet.example`, `127.0.0.1:8080`. Default: none, so the model sees no inner service. */
  readonly privateHosts?: readonly string[];
  /** Milliseconds for the whole of it, redirects and body included. Default: 5,000. */
  readonly timeout?: number;
  /** The most bytes of an answer, unpacked. More is a failure, not a part of the page. Default: 2 MiB. */
  readonly maxBytes?: number;
  /** The most characters given to the model; a longer text is cut, and says so. Default: 100,000. */
  readonly maxCharacters?: number;
  /** How many redirects are followed; each is checked as the first address was. Default: 5. */
  readonly maxRedirects?: number;
  /** Headers of yours for a request, asked for each address, redirects included: a key goes only where you send it. */
  readonly headers?: (url: URL) => Readonly<Record<string, string>>;
  /** Finds the addresses of a host in place of the system. What it gives is checked, and is what is connected to. */
  readonly lookup?: HostLookup;
}

/** @internal The same, complete. */
export interface WebRules extends Required<WebOptions> {}

/** @internal */
export const webKeys: readonly (keyof WebOptions)[] = [
  "hosts",
  "privateHosts",
  "timeout",
  "maxBytes",
  "maxCharacters",
  "maxRedirects",
  "headers",
  "lookup",
];

/** Checks options and fills in what was left out. Throws `ConfigError`. */
export function toWebRules(name: string, options: WebOptions, ownKeys: readonly string[] = []): WebRules {
  checkOptions(name, options, [...webKeys, ...ownKeys]);
  const rules = {
    hosts: options.hosts ?? ["*"],
    privateHosts: options.privateHosts ?? [],
    timeout: options.timeout ?? 5_000,
    maxBytes: options.maxBytes ?? 2 * 1024 * 1024,
    maxCharacters: options.maxCharacters ?? 100_000,
    maxRedirects: options.maxRedirects ?? 5,
    headers: options.headers ?? (() => ({})),
    lookup: options.lookup ?? lookupBySystem,
  };
  checkHosts("hosts", rules.hosts);
  checkHosts("privateHosts", rules.privateHosts);
  amount("timeout", rules.timeout, 1);
  wholeNumber("maxBytes", rules.maxBytes, 1);
  wholeNumber("maxCharacters", rules.maxCharacters, 1);
  wholeNumber("maxRedirects", rules.maxRedirects, 0);
  checkFunction("headers", rules.headers);
  checkFunction("lookup", rules.lookup);
  return rules;
}

function checkHosts(name: string, hosts: unknown): void {
  if (!Array.isArray(hosts)) {
    throw new ConfigError(`\`${name}\` is a list of hosts; it was given ${describe(hosts)}.`);
  }
  for (const host of hosts) {
    if (typeof host === "string" && /^[^\s/@?#]+$/.test(host)) continue;
    const given = typeof host === "string" ? JSON.stringify(host) : describe(host);
    throw new ConfigError(`\`${name}\` has hosts without scheme or path, as "example.org"; it was given ${given}.`);
  }
}

/** Whether a list names the host of an address, with or without its port. */
export function names(hosts: readonly string[], url: URL): boolean {
  const host = url.hostname.replace(/\.$/, "");
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return hosts.some((given) => {
    const one = given.toLowerCase();
    if (one === "*" || one === host || one === `${host}:${port}`) return true;
    return one.startsWith("*.") && (host.endsWith(one.slice(1)) || `${host}:${port}`.endsWith(one.slice(1)));
  });
}
