import type { Cohere, CohereError } from "cohere-ai";
import { headOf } from "../../contract/head.ts";
import type { SendOptions, Tell } from "../../contract/provider.ts";
import { ResponseError } from "../../errors/errors.ts";
import { hasFailed } from "./stream.ts";
import type { CohereTypes } from "./types.ts";

type Client = CohereTypes["Client"];
type Event = Cohere.V2ChatStreamResponse;

/** Sends the request and gives the SDK's answer. Throws `ResponseError` for a body that is not JSON or no object. */
export async function sendChat(client: Client, request: Cohere.V2ChatRequest, options: SendOptions, tell?: Tell) {
  try {
    const sent = guardedClient(client).chat(request, toRequestOptions(options));
    const { data, type } = await withType(sent, tell);
    // What the SDK returns in an answer's place when the body was not JSON; `error.rawBody` holds it.
    if ((data as { ok?: unknown }).ok === false) throw notThe("JSON", type, data);
    return data;
  } catch (error) {
    throw readableFailure(error);
  }
}

/** Sends the request and gives the SDK's events. */
export async function sendStream(
  client: Client,
  request: Cohere.V2ChatRequest,
  options: SendOptions,
  Failure: typeof CohereError,
  tell?: Tell,
): Promise<AsyncIterable<Event>> {
  const sent = guardedClient(client).chatStream(request, toRequestOptions(options));
  const { data, type } = await withType(sent, tell);
  return untilFailure(data, type, Failure);
}

/**
 * The events as they come. After one that says the generation failed the SDK's error, with the event as its `body`: the
 * SDK itself takes that for an end like any other. The event is given before, as it may count tokens.
 */
async function* untilFailure(
  events: AsyncIterable<Event>,
  type: string | undefined,
  Failure: typeof CohereError,
): AsyncGenerator<Event> {
  let empty = true;
  try {
    for await (const event of events) {
      empty = false;
      yield event;
      if (event.type === "message-end" && hasFailed(event)) {
        const { error = "the generation failed" } = event.delta ?? {};
        throw new Failure({ message: `Cohere ended the stream with an error: ${error}`, body: event });
      }
    }
  } catch (error) {
    throw readableFailure(error);
  }
  // A body that is no event stream has no events for the SDK, and no fault either.
  if (empty && type !== undefined && !type.includes("event-stream")) throw notThe("an event stream", type, undefined);
}

/** The headers as the SDK gives them: like those of `fetch`. */
interface SdkHeaders extends Iterable<[string, string]> {
  get(name: string): string | null;
}

/** What an SDK's promise gives, with the content type it came under; a stand-in for the client may not tell one. */
async function withType<Data>(
  sent: Promise<Data> & {
    withRawResponse?(): Promise<{ data: Data; rawResponse: { headers: SdkHeaders } }>;
  },
  tell: Tell | undefined,
): Promise<{ data: Data; type: string | undefined }> {
  if (sent.withRawResponse === undefined) return { data: await sent, type: undefined };
  const { data, rawResponse } = await sent.withRawResponse();
  const head = headOf(rawResponse.headers);
  if (head !== undefined) tell?.(head);
  return { data, type: rawResponse.headers.get("content-type") ?? undefined };
}

/**
 * A `fetch` that fails at a redirect instead of following it (see `staysHere`), which the SDK would take for a success. It
 * fails in an answer that throws when it is looked at: the SDK lets its timer run on, for five minutes, when `fetch` itself
 * fails, and a process would not end before.
 */
function guarded(own: typeof fetch | undefined): typeof fetch {
  return async (input, init) => {
    try {
      const response = await (own ?? fetch)(input, { ...init, redirect: "manual" });
      const { status, headers } = response;
      if (status < 300 || status >= 400) return response;
      await response.body?.cancel();
      const message = `cohere answered with a redirect (status ${status}), which is not followed.`;
      throw new ResponseError("cohere", message, { status, location: headers.get("location") });
    } catch (error) {
      const failing = {
        get status(): never {
          throw error;
        },
      };
      return failing as Partial<Response> as Response;
    }
  };
}

/** The parts of the SDK's clients that its types keep to themselves. */
interface Inner extends Pick<Client, "chat" | "chatStream"> {
  readonly clientV2?: Inner;
  readonly _options?: { readonly fetch?: typeof fetch };
}

/** The same client with a guarded `fetch`. One that somebody has put something around stays as it is. */
function guardedClient(client: Client): Pick<Client, "chat" | "chatStream"> {
  // What is read here is private in the SDK's types.
  const inner = (client as unknown as Inner).clientV2 ?? (client as unknown as Inner);
  const { _options: known } = inner;
  const isBare = client.chat === inner.chat || [client.chat, client.chatStream].every(isBound);
  if (known === undefined || !isBare) return client;
  return Object.create(inner, { _options: { value: { ...known, fetch: guarded(known.fetch) } } }) as Inner;
}

// A `CohereClientV2` holds its inner client's methods bound; a tracer's or a test's function has a text of its own.
function isBound(method: unknown): boolean {
  return typeof method === "function" && /^function \(\) \{\s*\[native code\]\s*\}$/.test(String(method));
}

function notThe(wanted: string, type = "unknown", response: unknown): ResponseError {
  return new ResponseError(
    "cohere",
    `cohere answered with a body of the type ${type} that is not ${wanted}.`,
    response,
  );
}

/**
 * The SDK's error for an answer it cannot even begin to read (`null`, an event without a type) is of a class it keeps to
 * itself, a list of what is wrong and where. A typed error carries it as its cause; any other stays what it is.
 */
function readableFailure(error: unknown): unknown {
  const { errors, message } = (error ?? {}) as { errors?: readonly { path?: readonly string[] }[]; message?: string };
  if (!Array.isArray(errors) || errors[0]?.path?.[0] !== "response") return error;
  const text = `cohere answered with what its SDK cannot read: ${message}`;
  return new ResponseError("cohere", text, undefined, { cause: error });
}

function toRequestOptions({ signal, timeout, headers, maxRetries }: SendOptions) {
  return {
    ...(signal && { abortSignal: signal }),
    // The signal ends the call in time, its body too; the SDK's own limit, 300 s by default, must only not be shorter.
    ...(timeout !== undefined && { timeoutInSeconds: timeout / 1000 + 1 }),
    ...(headers && { headers }),
    ...(maxRetries !== undefined && { maxRetries }),
  };
}
