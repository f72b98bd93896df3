import { ConfigError, MissingPackageError } from "../errors/errors.ts";
import { environmentValue } from "./environment-value.ts";

/**
 * What to do when an SDK cannot be loaded: `import("openai").catch(missingSdk("openai", "openai"))`. A missing package is
 * one sentence with the command that installs it. A bundler takes an import that is caught for one that may be missing.
 */
export function missingSdk(packageName: string, provider: string): (cause: unknown) => never {
  return (cause) => {
    const { code, message } = cause as { code?: unknown; message?: unknown };
    if (code === "ERR_MODULE_NOT_FOUND" && String(message).includes(`'${packageName}'`)) {
      throw new MissingPackageError(packageName, `callscope/${provider}`, { cause });
    }
    throw cause;
  };
}

/**
 * A provider's default client: made on first use and kept as long as the environment variables it reads stay the same,
 * so that connections are reused. Making one that fails is not remembered.
 */
export function defaultClient<Client>(
  variables: readonly string[],
  create: () => Promise<Client>,
): () => Client | Promise<Client> {
  let kept: { readonly key: string; client: Client | Promise<Client> } | undefined;
  return () => {
    const key = variables.map((name) => environmentValue(name) ?? "").join("\n");
    if (kept?.key === key) return kept.client;
    // Calls that come while it is being made share it, too.
    const made: typeof kept = { key, client: create() };
    kept = made;
    return Promise.resolve(made.client).then(
      (client) => {
        made.client = client;
        return client;
      },
      (error: unknown) => {
        if (kept === made) kept = undefined;
        throw error;
      },
    );
  };
}

/** Checks that a given client has the method that will be called. `expected` names the clients that do. */
export function checkClient(provider: string, client: unknown, path: readonly string[], expected: string): void {
  let found: unknown = client;
  for (const key of path) {
    found = typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
  }
  if (typeof found === "function") return;
  throw new ConfigError(
    `callscope/${provider} takes ${expected} as its client; the one given has no ${path.join(".")}.`,
  );
}

/** The error for a client that is not the provider's: `method` is what would have been called on it. */
export function wrongClient(provider: string, expected: string, method: string): ConfigError {
  return new ConfigError(`callscope/${provider} takes ${expected} as its client; the one given has no ${method}.`);
}

/**
 * Options of one request by which a redirect is not followed but answered with, as the SDK's own error: neither key nor
 * prompt goes to an address that the caller did not set. For the SDKs that hand `fetchOptions` to `fetch`, whose own rule
 * takes off `authorization` alone (https://fetch.spec.whatwg.org/#http-redirect-fetch) and no other header with a key.
 */
export const staysHere = { fetchOptions: { redirect: "manual" } } as const;
