import { ConfigError, ConnectionError, ResponseError } from "./errors.ts";
import { isBrokenConnection, runtimeErrors } from "./network.ts";

/**
 * What to throw for something an SDK threw. An error of the SDK's own stays the very object it is. Where the SDK let a
 * bare `TypeError` or `SyntaxError` of the language through, a typed error carries it as its cause: a connection that
 * failed, or a body that is no answer.
 */
export function typedFailure(provider: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const bare = Object.getPrototypeOf(error);
  if (bare === SyntaxError.prototype) {
    return new ResponseError(provider, `${provider} answered with a body that is not valid JSON.`, undefined, {
      cause: error,
    });
  }
  // Deno's and Bun's `fetch` give classes of their own, or a bare `Error`.
  const isBroken = (bare === TypeError.prototype && error.cause !== undefined) || isBrokenConnection(error);
  if (isBroken && isOfRuntime(bare)) {
    return new ConnectionError(provider, `The connection to ${provider} failed: ${reasonOf(error)}.`, { cause: error });
  }
  // Thrown before anything is sent; its message shows the value, which may be the key. Node has classes of its own for it.
  const isHeader = /invalid header|legal http header|header name must be|header content|ByteString/i.test(
    error.message,
  );
  if (isHeader && error instanceof TypeError) {
    const message = `A header for ${provider} holds what HTTP does not allow: is there a line break in it, or in the API key, or a character beyond Latin-1?`;
    return new ConfigError(message, { cause: error });
  }
  if (isInvalidUrl(error)) {
    const message = `The address that ${provider}'s client sends to is no URL: is its base URL whole, with https:// at the beginning?`;
    return new ConfigError(message, { cause: error });
  }
  if (bare !== TypeError.prototype) return error;
  return new ResponseError(provider, `${provider} answered with a body its SDK cannot read.`, undefined, {
    cause: error,
  });
}

// Node and Deno, Chromium, WebKit, Firefox.
function isInvalidUrl(error: Error): boolean {
  if (!(error instanceof TypeError)) return false;
  return (
    (error as { code?: unknown }).code === "ERR_INVALID_URL" ||
    /^(?:Invalid URL|Failed to construct 'URL'|.*cannot be parsed as a URL|.*is not a valid URL)/.test(error.message)
  );
}

// An error of the language or of the runtime; one of an SDK has a class of the SDK's.
function isOfRuntime(bare: object): boolean {
  return (
    bare === TypeError.prototype || bare === Error.prototype || runtimeErrors.includes(String(bare.constructor?.name))
  );
}

function reasonOf(error: Error): string {
  const { code, message } = (error.cause ?? {}) as { code?: unknown; message?: unknown };
  // Deno's message names the address, which may hold a key.
  return String(code ?? message ?? (error as { code?: unknown }).code ?? error.message).replace(/ for url \(.*?\)/, "");
}
