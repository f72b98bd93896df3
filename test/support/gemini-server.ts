import { type Content, GoogleGenAI, type Part } from "@google/genai";
import type { Message } from "../../src/message/parts.ts";
import { gemini } from "../../src/providers/gemini/index.ts";
import { type Handler, type LoopbackServer, sse, startServer, status } from "./fault-server.ts";
import type { Json } from "./replay.ts";

/** The model that is asked in the tests of Google's two services. */
export const asked = "gemini-2.5-flash";

export const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };

/** An answer of generateContent with these parts; hand-written after the API reference. */
export function answer(parts: readonly Part[] = [{ text: "Hello" }], more: object = {}): Json {
  return {
    candidates: [{ content: { role: "model", parts }, finishReason: "STOP", index: 0 }],
    usageMetadata,
    modelVersion: asked,
    responseId: "r1",
    ...more,
  };
}

/** One event of a stream; the last one carries a finish reason and the usage. */
export function event(parts: readonly Part[] | undefined, finishReason?: string): Json {
  const content = parts && { role: "model", parts };
  return {
    candidates: [{ ...(content && { content }), ...(finishReason && { finishReason }), index: 0 }],
    ...(finishReason && { usageMetadata }),
    modelVersion: asked,
    responseId: "r1",
  };
}

/** A streamed "Hello world" in three events, the last of them with the usage. */
export const hello = sse(event([{ text: "Hello" }]), event([{ text: " world" }]), event([{ text: "!" }], "STOP"));

export function geminiClient(baseUrl: string): GoogleGenAI {
  return new GoogleGenAI({ enterprise: false, apiKey: "test-key", httpOptions: { baseUrl } });
}

/** Express mode: a key and no project. */
export function vertexClient(baseUrl: string): GoogleGenAI {
  return new GoogleGenAI({ enterprise: true, apiKey: "test-key", httpOptions: { baseUrl } });
}

export interface GeminiServer extends AsyncDisposable {
  readonly server: LoopbackServer;
  readonly client: GoogleGenAI;
  /** The body of the n-th request. */
  body(index?: number): Json;
}

/** A server with this answer, and a client of the Gemini API that asks it. */
export async function serve(handler: Handler = status(200, answer())): Promise<GeminiServer> {
  const server = await startServer(handler);
  return {
    server,
    client: geminiClient(server.url),
    body: (index = 0) => server.requests[index]?.body as Json,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** A turn of the user's as it is sent. */
export const userTurn = (...parts: object[]) => ({ role: "user", parts });
/** A turn of the model's as it is sent. */
export const modelTurn = (...parts: object[]) => ({ role: "model", parts });
/** What `Messages.user("Hi")` becomes. */
export const hi = userTurn({ text: "Hi" });

/** The whole body that the SDK sends for these messages and options. */
export async function sent(messages: readonly (Message | Content)[], options: gemini.CallOptions = {}): Promise<Json> {
  await using api = await serve();
  // The options of any call, of which only the request matters here.
  const any = { ...options, client: api.client } as object;
  await gemini.call(asked, any, () => ({ messages: [...messages] }))();
  return api.body();
}
