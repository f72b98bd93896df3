import type {
  GenerateContentParameters,
  GenerateContentResponse,
  GoogleGenAI,
  HttpOptions,
  ToolListUnion,
} from "@google/genai";
import { hostOf } from "../contract/address.ts";
import { headOfObject } from "../contract/head.ts";
import type { SendOptions, Tell } from "../contract/provider.ts";
import { checkClient, missingSdk } from "../contract/sdk.ts";
import { ConfigError, TimeoutError } from "../errors/errors.ts";
import type { GeminiSupport } from "./gemini-types.ts";

/** Checks that a client is the SDK's and speaks to this service, not to the other. Throws `ConfigError`. */
export function checkGoogleClient(given: unknown, isVertex: boolean, support: GeminiSupport): GoogleGenAI {
  const { provider, clients } = support;
  checkClient(provider, given, ["models", "generateContentStream"], clients);
  const client = given as GoogleGenAI;
  if (Boolean(client.vertexai) === isVertex) return client;
  throw new ConfigError(`callscope/${provider} takes ${clients} as its client; this one speaks to Google's other API.`);
}

/** Where a client sends its requests. The SDK keeps it to itself, so it may be missing. */
export function googleAddress(client: GoogleGenAI | undefined): string | undefined {
  // A protected member of the SDK's class, https://github.com/googleapis/js-genai/blob/main/src/client.ts
  const { apiClient } = (client ?? {}) as unknown as { apiClient?: { getBaseUrl?(): string } };
  return hostOf(apiClient?.getBaseUrl?.());
}

/** Sends the request and gives the SDK's response. */
export async function createGemini(
  client: GoogleGenAI,
  request: GenerateContentParameters,
  options: SendOptions,
  tell?: Tell,
): Promise<GenerateContentResponse> {
  const stop = follow(options.signal);
  try {
    const response = await client.models.generateContent(toSdk(client, request, options, stop.signal));
    tellHead(response, tell);
    return response;
  } catch (error) {
    throw failure(error, options, client, request);
  } finally {
    stop.release();
  }
}

/** Sends the request and gives the SDK's events. */
export async function* streamGemini(
  client: GoogleGenAI,
  request: GenerateContentParameters,
  options: SendOptions,
  tell?: Tell,
): AsyncGenerator<GenerateContentResponse, undefined> {
  const stop = follow(options.signal);
  try {
    const events = await client.models.generateContentStream(toSdk(client, request, options, stop.signal));
    let isFirst = true;
    for await (const event of events) {
      if (isFirst) tellHead(event, tell);
      isFirst = false;
      yield event;
    }
  } catch (error) {
    throw failure(error, options, client, request);
  } finally {
    stop.release();
  }
}

/** The SDK never takes its listener off the signal it is given, so it gets one that lives no longer than the call. */
function follow(signal: AbortSignal | undefined): { signal: AbortSignal | undefined; release(): void } {
  if (signal === undefined) return { signal, release() {} };
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return { signal: controller.signal, release: () => signal.removeEventListener("abort", abort) };
}

/** A response that went through JSON, of the SDK's class again, whose getters its users know. */
export async function reviveGemini(response: object): Promise<GenerateContentResponse> {
  const sdk = await import("@google/genai").catch(missingSdk("@google/genai", "gemini"));
  return Object.assign(new sdk.GenerateContentResponse(), response);
}

// The SDK keeps the headers of the HTTP answer on the response, and on each event.
function tellHead({ sdkHttpResponse }: GenerateContentResponse, tell: Tell | undefined): void {
  const head = headOfObject(sdkHttpResponse?.headers);
  if (head !== undefined) tell?.(head);
}

function toSdk(
  client: GoogleGenAI,
  request: GenerateContentParameters,
  { timeout, headers, maxRetries }: SendOptions,
  abortSignal: AbortSignal | undefined,
): GenerateContentParameters {
  const { tools, httpOptions, ...config } = request.config ?? {};
  const http = {
    ...httpOptions,
    fetch: fetchHere(httpOptions?.fetch ?? clientOptions(client)?.fetch),
    ...(timeout !== undefined && { timeout }),
    ...(headers && { headers: { ...httpOptions?.headers, ...headers } }),
    ...(maxRetries === 0 && { retryOptions: { attempts: 1 } }),
  };
  return {
    ...request,
    // A config of its own: the SDK moves a `responseSchema` in it that is JSON Schema.
    config: {
      ...config,
      ...(tools && { tools: copyTools(tools) }),
      httpOptions: http,
      ...(abortSignal && { abortSignal }),
    },
  };
}

// The SDK rewrites function declarations where they stand; what the caller passed must stay as it is.
function copyTools(tools: ToolListUnion): ToolListUnion {
  return tools.map((tool) =>
    "functionDeclarations" in tool && tool.functionDeclarations
      ? { ...tool, functionDeclarations: tool.functionDeclarations.map((declaration) => ({ ...declaration })) }
      : tool,
  );
}

/**
 * What the SDK threw, save for three things it gets wrong: it loses the reason of an abort, it throws the same for a
 * timeout of its own, and it throws a bare `Error` for a stream that ends inside an event.
 */
function failure(
  error: unknown,
  { signal, ...options }: SendOptions,
  client: GoogleGenAI,
  { config }: GenerateContentParameters,
): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === "AbortError") {
    // Our own time limits keep what the SDK threw as their cause.
    if (signal?.aborted) return signal.reason instanceof TimeoutError ? error : signal.reason;
    const timeout = options.timeout ?? config?.httpOptions?.timeout ?? clientOptions(client)?.timeout;
    return timeout ? new TimeoutError(`The SDK had no answer within ${timeout} ms.`, timeout, { cause: error }) : error;
  }
  return error.message === "Incomplete JSON segment at the end"
    ? new SyntaxError("The stream ended inside an event.", { cause: error })
    : error;
}

// The client's own options, which its type keeps private.
function clientOptions(client: GoogleGenAI): HttpOptions | undefined {
  return Reflect.get(client, "httpOptions") as HttpOptions | undefined;
}

type Fetch = NonNullable<HttpOptions["fetch"]>;

/**
 * A `fetch` that answers with a redirect instead of following it. The SDK has no guard of its own, and its key stands in a
 * header that `fetch` takes along to any address: https://fetch.spec.whatwg.org/#http-redirect-fetch.
 */
function fetchHere(own: Fetch | undefined): Fetch {
  if (own !== undefined) return (input, init) => own(input, { ...init, redirect: "manual" });
  return (input, init) => fetch(input, { ...init, ...untimed(), redirect: "manual" });
}

/** What Node's `fetch` sends by, which any copy of undici puts there: https://undici.nodejs.org/#/docs/api/GlobalInstallation. */
const dispatcherKey = Symbol.for("undici.globalDispatcher.1");

/**
 * Node's `fetch` gives up after five minutes. The SDK sees to it that a request has the time its options say, but not
 * where it is given a `fetch`.
 */
function untimed(): object | undefined {
  const global = Reflect.get(globalThis, dispatcherKey) as {
    dispatch(options: object, handler: object): boolean;
  } | null;
  const dispatch = (options: object, handler: object) =>
    global?.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler);
  return global ? { dispatcher: { dispatch } } : undefined;
}
