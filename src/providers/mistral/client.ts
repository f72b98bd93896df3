import type { Mistral } from "@mistralai/mistralai";
import { environmentValue } from "../../contract/environment-value.ts";
import type { HttpHead, SendOptions, Sent } from "../../contract/provider.ts";
import { defaultClient, missingSdk } from "../../contract/sdk.ts";
import { ConfigError } from "../../errors/errors.ts";
import { joinSignals } from "../../send/signals.ts";
import type { MistralTypes } from "./types.ts";

type Client = MistralTypes["Client"];
type SdkOptions = NonNullable<Parameters<Client["chat"]["complete"]>[1]>;

/** The client of ours, and the SDK's own for what is not a chat: it is loaded when it is asked for. */
export interface OwnClient extends Client {
  whole(): Promise<Mistral>;
}

/**
 * The client made from the environment. It is the SDK's core with the two functions that are called, which is how the SDK
 * itself builds `Mistral` and loads in two thirds of its time and half its memory:
 * https://github.com/mistralai/client-ts/blob/main/FUNCTIONS.md
 */
export const ownClient: () => OwnClient | Promise<OwnClient> = defaultClient(["MISTRAL_API_KEY"], async () => {
  // The SDK remembers the first key it saw, and without one it sends the request unsigned.
  const apiKey = environmentValue("MISTRAL_API_KEY");
  if (!apiKey) {
    throw new ConfigError(
      "callscope/mistral needs a key: set MISTRAL_API_KEY, or give a client (`new Mistral({ apiKey })`).",
    );
  }
  const sdk = await loadFunctions();
  const { MistralCore, HTTPClient, chatComplete, chatStream } = sdk;
  const shared = new MistralCore({ apiKey });
  // A signal goes to `fetch` once more: the SDK's own way loses it with the next garbage collection (see `EventReader`).
  const coreFor = (signal: AbortSignal | null | undefined) => {
    if (!signal) return shared;
    const httpClient = new HTTPClient({ fetcher: (request) => fetch(request, { signal }) });
    return new MistralCore({ apiKey, httpClient });
  };
  return {
    whole: async () => {
      const { Mistral } = await import("@mistralai/mistralai").catch(missingSdk("@mistralai/mistralai", "mistral"));
      return new Mistral({ apiKey });
    },
    chat: {
      complete: (request, options) => told(chatComplete(coreFor(options?.signal), request, options)),
      stream: (request, options) => told(chatStream(coreFor(options?.signal), request, options)),
    },
  };
});

async function loadFunctions() {
  const missing = missingSdk("@mistralai/mistralai", "mistral");
  const [{ MistralCore }, { HTTPClient }, { chatComplete }, { chatStream }] = await Promise.all([
    import("@mistralai/mistralai/core.js").catch(missing),
    import("@mistralai/mistralai/lib/http.js").catch(missing),
    import("@mistralai/mistralai/funcs/chatComplete.js").catch(missing),
    import("@mistralai/mistralai/funcs/chatStream.js").catch(missing),
  ]);
  return { MistralCore, HTTPClient, chatComplete, chatStream };
}

/** The SDK's value, or its error thrown; the HTTP response can be asked for, too. */
function told<Value>(
  sent: Promise<Result<Value>> & { $inspect?(): Promise<[unknown, { readonly response?: HttpHead | undefined }]> },
): Sent<Value> {
  const asResponse = async () => (await sent.$inspect?.())?.[1].response ?? { headers: [] };
  return Object.assign(sent.then(unwrap), { asResponse });
}

type Result<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: unknown };

function unwrap<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  throw result.error;
}

/** What crosses to the SDK beside the request, in its own words. */
export function toSdkOptions(client: Client, { signal, timeout, headers, maxRetries }: SendOptions): SdkOptions {
  // A signal silently turns the client's own `timeoutMs` off (`_createRequest` of the SDK), so it becomes one too.
  const ms = timeout === undefined ? (client as Partial<Mistral>)._options?.timeoutMs : undefined;
  const joined = joinSignals(signal, ms ? AbortSignal.timeout(ms) : undefined);
  return {
    ...(joined && { signal: joined }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(headers && { headers }),
    ...(maxRetries === 0 && { retries: { strategy: "none" } }),
    // A redirect is not followed, but is the SDK's own error: see `staysHere`.
    redirect: "manual",
  };
}

/** What of the SDK's clients is read here; their types keep it to themselves. */
interface Inner {
  readonly _options?: { readonly httpClient?: object };
}

type Fetcher = (input: Request, init?: RequestInit) => Promise<Response>;

/**
 * The chat of a client, with requests that the signal closes. A client that was given to us hands its signals to a cloned
 * request only (see `EventReader`), so for one request it gets an HTTP client that hands it to `fetch` as well: made of the
 * caller's own, where there is one. A chat that somebody has put something around stays as it is.
 */
export function chatFor(client: Client, signal: AbortSignal | null | undefined): Client["chat"] {
  const { chat } = client;
  const options = (chat as Inner)._options;
  const Chat = chat.constructor as new (options: object) => Client["chat"];
  const isBare = chat.complete === Chat.prototype?.complete && chat.stream === Chat.prototype?.stream;
  if (!signal || options === undefined || !isBare) return chat;
  const given = options.httpClient as { readonly fetcher?: Fetcher } | undefined;
  const send: Fetcher = given?.fetcher ?? ((input, init) => fetch(input, init));
  const fetcher: Fetcher = (input, init) => send(input, { ...init, signal });
  const httpClient = given === undefined ? { request: fetcher } : Object.create(given, { fetcher: { value: fetcher } });
  return new Chat({ ...options, httpClient });
}

/** Waits for the SDK, but not past the signal, which may never reach its `fetch`: see `EventReader`. */
export function orAborted<Value>(work: Promise<Value>, { signal }: SdkOptions): Promise<Value> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    // The SDK hears of it first, so that its own error wins where it has one.
    const stop = () => setTimeout(() => reject(signal.reason));
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
