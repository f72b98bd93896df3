import type { Mistral } from "@mistralai/mistralai";
import { ConfigError } from "../../errors.ts";
import type { SendOptions } from "../../provider.ts";
import { defaultClient, loadSdk } from "../../sdk.ts";
import type { MistralTypes } from "./provider.ts";

type Client = MistralTypes["Client"];
type SdkOptions = NonNullable<Parameters<Client["chat"]["complete"]>[1]>;

/**
 * The client made from the environment. It is the SDK's core with the two functions that are called, which is how the SDK
 * itself builds `Mistral` and loads in two thirds of its time and half its memory:
 * https://github.com/mistralai/client-ts/blob/main/FUNCTIONS.md
 */
export const ownClient: () => Client | Promise<Client> = defaultClient(["MISTRAL_API_KEY"], async () => {
  // The SDK remembers the first key it saw, and without one it sends the request unsigned.
  const apiKey = process.env.MISTRAL_API_KEY;
  if (!apiKey) {
    throw new ConfigError(
      "callscope/mistral needs a key: set MISTRAL_API_KEY, or give a client (`new Mistral({ apiKey })`).",
    );
  }
  const { MistralCore, chatComplete, chatStream } = await loadSdk(loadFunctions, "@mistralai/mistralai", "mistral");
  const core = new MistralCore({ apiKey });
  return {
    chat: {
      complete: async (request, options) => unwrap(await chatComplete(core, request, options)),
      stream: async (request, options) => unwrap(await chatStream(core, request, options)),
    },
  };
});

async function loadFunctions() {
  const [{ MistralCore }, { chatComplete }, { chatStream }] = await Promise.all([
    import("@mistralai/mistralai/core.js"),
    import("@mistralai/mistralai/funcs/chatComplete.js"),
    import("@mistralai/mistralai/funcs/chatStream.js"),
  ]);
  return { MistralCore, chatComplete, chatStream };
}

type Result<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: unknown };

function unwrap<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  throw result.error;
}

/** What crosses to the SDK beside the request, in its own words. */
export function toSdkOptions(client: Client, { signal, timeout, headers }: SendOptions): SdkOptions {
  // A signal silently turns the client's own `timeoutMs` off (`_createRequest` of the SDK), so it becomes one too.
  const ms =
    signal === undefined || timeout !== undefined ? undefined : (client as Partial<Mistral>)._options?.timeoutMs;
  const joined = signal && ms ? AbortSignal.any([signal, AbortSignal.timeout(ms)]) : signal;
  return {
    ...(joined && { signal: joined }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(headers && { headers }),
  };
}
