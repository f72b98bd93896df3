import type OpenAI from "openai";
import { headOfObject } from "../../contract/head.ts";
import type { SendOptions, Tell } from "../../contract/provider.ts";
import { ConnectionError, UnsupportedError } from "../../errors/errors.ts";
import { joinTexts } from "../../message/message.ts";
import { AzureInferenceError } from "./error.ts";
import { readEvents } from "./events.ts";
import type { RestAnswer, RestClient, RestMessage, RestRequest, RestStream } from "./rest-types.ts";

// The adapter for `@azure-rest/ai-inference`: the same requests and answers as the `openai` package has, carried by the
// older client. https://learn.microsoft.com/rest/api/aifoundry/model-inference/get-chat-completions

type Chat = OpenAI.Chat.Completions.ChatCompletionCreateParams;

/** True for the older client: the one that has paths. */
export function isRest(client: object): client is RestClient {
  return typeof (client as { path?: unknown }).path === "function";
}

/** Sends a request and gives the completion. Throws `AzureInferenceError` for an answer that is no success. */
export async function createByRest(
  client: RestClient,
  request: Chat,
  options: SendOptions,
  tell?: Tell,
): Promise<OpenAI.ChatCompletion> {
  const response = await client.path("/chat/completions").post(toPost(request, options));
  if (response.status !== "200") throw new AzureInferenceError(response, response.body, Number(response.status));
  tellHead(response, tell);
  // The service speaks the wire that `openai` types; whether it is one is for `read` to say.
  return response.body as OpenAI.ChatCompletion;
}

/** Sends a request and gives its events. Throws `AzureInferenceError`, also for an error event. */
export async function* streamByRest(
  client: RestClient,
  request: Chat,
  options: SendOptions,
  tell?: Tell,
): AsyncGenerator<OpenAI.ChatCompletionChunk, undefined> {
  const response = await streamed(client.path("/chat/completions").post(toPost(request, options)));
  const { body = none() } = response;
  const release = "destroy" in body ? closeOnAbort(body, options.signal) : undefined;
  try {
    if (response.status !== "200") throw await failureOf(response, body);
    tellHead(response, tell);
    for await (const data of readEvents(body)) {
      if (data === "[DONE]") return;
      const event = JSON.parse(data) as OpenAI.ChatCompletionChunk & { error?: unknown };
      if (event?.error) throw new AzureInferenceError(response, event);
      yield event;
    }
  } catch (error) {
    // An abort tears the connection down, and Node's stream tells only that.
    options.signal?.throwIfAborted();
    throw asTransport(error);
  } finally {
    release?.();
  }
}

/** The SDK's own stream: its build for browsers and workers has one of theirs, and refuses Node's before anything is sent. */
async function streamed(answer: RestAnswer): Promise<RestStream> {
  try {
    return await answer.asNodeStream();
  } catch (error) {
    if (!/asBrowserStream/.test(String(error)) || answer.asBrowserStream === undefined) throw error;
  }
  const { body, ...response } = await answer.asBrowserStream();
  return { ...response, body: body && piecesOf(body) };
}

// Not every browser's streams can be iterated.
async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  const reader = body.getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * Closes a body when the request is aborted, or when the returned function is called. The client tears the connection down
 * itself, with an error that nobody may be listening to by then, and such a one ends the process.
 */
function closeOnAbort(body: NonNullable<RestStream["body"]>, signal: AbortSignal | undefined): () => void {
  body.on?.("error", () => {});
  const close = () => void body.destroy?.();
  if (signal?.aborted) close();
  else signal?.addEventListener("abort", close, { once: true });
  return () => {
    signal?.removeEventListener("abort", close);
    close();
  };
}

function tellHead({ headers }: Pick<RestStream, "headers">, tell: Tell | undefined): void {
  const head = headOfObject(headers);
  if (head !== undefined) tell?.(head);
}

async function* none(): AsyncGenerator<Uint8Array, undefined> {}

async function failureOf(response: RestStream, body: AsyncIterable<Uint8Array | string>): Promise<AzureInferenceError> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of body) text += typeof piece === "string" ? piece : decoder.decode(piece, { stream: true });
  return new AzureInferenceError(response, parsed(text), Number(response.status));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// Node's stream reports a broken connection as a bare `Error`.
function asTransport(error: unknown): unknown {
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (name !== "Error" || typeof code !== "string") return error;
  return new ConnectionError("azure", `The connection to azure failed: ${code}.`, { cause: error });
}

// The time limit comes as a signal: the client's own `timeout` ends before the body and looks like an abort.
function toPost(request: Chat, { signal, headers }: SendOptions): RestRequest {
  const { stop, messages, max_completion_tokens: limit, ...rest } = request;
  const body = {
    ...rest,
    // The older name is the only one this API has.
    ...(limit != null && { max_tokens: limit }),
    messages: messages.map(toPlainText),
    // A list is the only form this API has.
    ...(stop != null && { stop: typeof stop === "string" ? [stop] : stop }),
  };
  const isExtra = Object.keys(body).some((key) => !typedKeys.includes(key));
  return {
    body,
    headers: { ...(isExtra && { "extra-parameters": "pass-through" }), ...headers },
    ...(signal && { abortSignal: signal }),
  };
}

/** What the service reads by itself; any other key it refuses unless told to pass it on to the model. */
const typedKeys: readonly string[] = [
  "messages",
  "model",
  "stream",
  "temperature",
  "top_p",
  "max_tokens",
  "frequency_penalty",
  "presence_penalty",
  "stop",
  "seed",
  "response_format",
  "tools",
  "tool_choice",
];

/** All but the user's content is one text here, and an absent one is left out. */
function toPlainText(message: OpenAI.ChatCompletionMessageParam): RestMessage {
  const { content, ...rest } = message;
  const { role } = rest;
  if (role === "user" || typeof content === "string" || content === undefined) return { ...message };
  if (content === null) return rest;
  const texts = content.map((part) => {
    if (part.type === "text") return { type: part.type, text: part.text };
    throw new UnsupportedError(
      "azure",
      part.type,
      `Azure's inference API takes only text in a message of the role ${role}; it was given a ${part.type} part.`,
    );
  });
  return { ...rest, content: joinTexts(texts) };
}
