import { ConnectionError, ResponseError } from "../../errors/errors.ts";
import { systemCodes } from "../../errors/network.ts";

type Sdk = typeof import("@aws-sdk/client-bedrock-runtime");

interface Failure extends Error {
  code?: unknown;
  $fault?: unknown;
  $metadata?: { httpStatusCode?: number };
  $response?: unknown;
}

const networkCodes: readonly string[] = [...systemCodes, "ETIMEDOUT"];

// What the SDK's HTTP/2 handler and event stream decoder say, in errors without a code, of a connection that broke.
const brokenConnection = /^(?:Unexpected error: http2|HTTP\/2 stream is abnormally|Truncated event message)/;

/**
 * What to throw for something the AWS SDK threw. Its service exceptions stay the very objects they are, and so does
 * everything that says what it is; what does not is given the class it has elsewhere, with the original as `cause`.
 */
export function failureOf(
  sdk: Sdk,
  error: unknown,
  { signal, inStream }: { readonly signal: AbortSignal | undefined; readonly inStream: boolean },
): unknown {
  if (!(error instanceof Error)) return error;
  const failure: Failure = error;
  if (failure.$fault !== undefined || failure instanceof ResponseError) return failure;
  if (signal?.aborted) return abortOf(failure, signal);
  if ((inStream || failure.$response !== undefined) && isUnmodelled(failure))
    return serviceException(sdk, nameOf(failure), messageOf(failure), failure);
  const status = failure.$metadata?.httpStatusCode ?? 0;
  if (failure instanceof SyntaxError) {
    // A gateway's error page: the SDK's parser fails on it, and the status is all that it says.
    if (status >= 400)
      return serviceException(
        sdk,
        "Unknown",
        `bedrock answered with status ${status} and a body that is not JSON.`,
        failure,
      );
    const message = "bedrock answered with a body that is not valid JSON.";
    return new ResponseError("bedrock", message, seenOf(failure.$response), { cause: failure });
  }
  if (networkCodes.includes(String(failure.code)) || String(failure.code).startsWith("ERR_HTTP2")) {
    return connectionError(failure);
  }
  if (brokenConnection.test(failure.message)) return connectionError(failure);
  // The decoder's bare errors: a checksum that does not match, a length that cannot be.
  if (/checksum/.test(failure.message) || failure instanceof RangeError) {
    const came = seenOf(failure.$response);
    return new ResponseError("bedrock", "bedrock sent an event that cannot be decoded.", came, { cause: failure });
  }
  return failure;
}

// The SDK forgets why it was aborted, and a body that was cut off by the abort fails in ways of its own.
function abortOf(failure: Failure, signal: AbortSignal): unknown {
  if (failure.name !== "AbortError") return signal.reason;
  if (failure.cause === undefined) {
    Object.defineProperty(failure, "cause", { value: signal.reason, configurable: true, writable: true });
  }
  return failure;
}

// An exception inside a stream whose type the SDK does not know is a bare `Error` with that type as its name.
function isUnmodelled(failure: Failure): boolean {
  if (Object.getPrototypeOf(failure) !== Error.prototype || !Object.hasOwn(failure, "name")) return false;
  return failure.code === undefined && failure.name !== "AbortError" && failure.name !== "TimeoutError";
}

// Inside a stream a type begins in lower case; everywhere else in upper case.
function nameOf({ name }: Failure): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function messageOf({ message }: Failure): string {
  // The SDK may have added a hint for whoever debugs it.
  const [body = ""] = message.split("\n  Deserialization error:");
  try {
    const said = (JSON.parse(body) as { message?: unknown } | null)?.message;
    return typeof said === "string" ? said : body;
  } catch {
    return body;
  }
}

// The class the SDK gives an error of an unknown type outside a stream.
function serviceException(sdk: Sdk, name: string, message: string, cause: Failure): Error {
  const $fault = (cause.$metadata?.httpStatusCode ?? 500) < 500 ? "client" : "server";
  const $metadata = { ...cause.$metadata };
  const exception = new sdk.BedrockRuntimeServiceException({ name, message, $fault, $metadata });
  Object.defineProperty(exception, "cause", { value: cause, configurable: true, writable: true });
  // The class declares it as a field; the SDK, which fills it in later, hides it.
  const hidden = { enumerable: false, configurable: true, writable: true };
  Object.defineProperty(exception, "$response", { value: seenOf(cause.$response), ...hidden });
  return exception;
}

/**
 * What came, as data: the SDK's own object is the live answer, and over HTTP/1.1 that leads to the request with its
 * signed headers.
 */
export function seenOf(response: unknown): object | undefined {
  if (typeof response !== "object" || response === null) return undefined;
  const { statusCode, headers } = response as { statusCode?: unknown; headers?: object };
  return { statusCode, headers: { ...headers } };
}

function connectionError(failure: Failure): ConnectionError {
  const { code, message } = ((failure.cause as Failure | undefined) ?? failure) as Failure;
  return new ConnectionError("bedrock", `The connection to bedrock failed: ${code ?? message}.`, { cause: failure });
}
