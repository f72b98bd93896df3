import { getEventListeners } from "node:events";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  closedPort,
  cutJson200,
  disconnect,
  emptyArray200,
  emptyBody200,
  emptyObject200,
  type Handler,
  hang,
  headerThenStall,
  html200,
  html502,
  inTurn,
  null200,
  retryAfter,
  status,
} from "../../../test/support/fault-server.ts";
import { answer, asked, geminiClient, serve, vertexClient } from "../../../test/support/gemini-server.ts";
import { collect, thrownBy } from "../../../test/support/replay.ts";
import { classify } from "../../errors/classify.ts";
import { ConfigError, ConnectionError, ResponseError, TimeoutError } from "../../errors/errors.ts";
import { type GeminiTypes, gemini, provider } from "./index.ts";

const greet = (client: GeminiTypes["Client"]) => gemini.call(asked, { client }, () => "Hi");

describe("errors", () => {
  const fault = (code: number, word: string) => ({ error: { code, message: "No.", status: word } });

  // checklist: 61
  test("of the API are the SDK's own, from one request each", async () => {
    const kinds = [
      [400, "INVALID_ARGUMENT", "invalid_request"],
      [401, "UNAUTHENTICATED", "authentication"],
      [403, "PERMISSION_DENIED", "permission"],
      [404, "NOT_FOUND", "not_found"],
      [429, "RESOURCE_EXHAUSTED", "rate_limit"],
      [500, "INTERNAL", "server"],
      [503, "UNAVAILABLE", "overloaded"],
    ] as const;
    for (const [code, word, kind] of kinds) {
      await using api = await serve(status(code, fault(code, word)));
      const error = await thrownBy(greet(api.client));
      expect(error).toBeInstanceOf(ApiError);
      expect(JSON.parse((error as ApiError).message)).toEqual(fault(code, word));
      expect(classify(error)).toMatchObject({ kind, status: code });
      expect(api.server.requests).toHaveLength(1);
    }
    await using gateway = await serve(html502);
    expect(await thrownBy(greet(gateway.client))).toMatchObject({ name: "ApiError", status: 502 });
  });

  test("a client's own retries are its own business", async () => {
    await using api = await serve(inTurn(retryAfter("0"), status(200, answer())));
    const retryOptions = { attempts: 2, initialDelay: 0.01 };
    const client = new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: api.server.url, retryOptions } });
    expect((await greet(client)()).content).toBe("Hello");
    expect(api.server.requests).toHaveLength(2);
  });

  test("a success that is no answer is an error", async () => {
    const odd = [
      { candidates: [] },
      { candidates: [{}] },
      { candidates: [{ content: { role: "model" } }] },
      fault(503, "U"),
    ];
    const faults: Handler[] = [emptyObject200, null200, emptyArray200, html200, cutJson200, emptyBody200];
    for (const [index, handler] of [...faults, ...odd.map((body) => status(200, body))].entries()) {
      await using api = await serve(handler);
      const error = await thrownBy(greet(api.client));
      expect(error, `fault ${index}`).toBeInstanceOf(ResponseError);
      expect(classify(error).kind).toBe("malformed");
    }
  });

  test("a connection that fails says how", async () => {
    const refused = await thrownBy(greet(geminiClient(await closedPort())));
    expect(refused).toBeInstanceOf(ConnectionError);
    expect((refused as Error).message).toContain("ECONNREFUSED");
    await using api = await serve(disconnect);
    expect(classify(await thrownBy(greet(api.client)))).toMatchObject({ kind: "connection", retryable: true });
  });
});

describe("limits", () => {
  test("a timeout covers headers and body, and closes the connection", async () => {
    for (const handler of [hang, headerThenStall()]) {
      await using api = await serve(handler);
      const error = await thrownBy(greet(api.client).with({ timeout: 60 }));
      expect(error).toBeInstanceOf(TimeoutError);
      expect(error).toMatchObject({ timeout: 60, cause: expect.objectContaining({ name: "AbortError" }) });
      expect(await api.server.clientClosed).toBeGreaterThan(0);
    }
  });

  test("a timeout of the client's own is told from an abort", async () => {
    await using api = await serve(hang);
    const client = new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: api.server.url, timeout: 40 } });
    const error = await thrownBy(greet(client));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(classify(error)).toMatchObject({ kind: "timeout", retryable: true });
    await using other = await serve(hang);
    const callParams = { httpOptions: { timeout: 40 } };
    const own = gemini.call(asked, { client: other.client, callParams }, () => "Hi");
    expect(await thrownBy(own)).toMatchObject({ name: "TimeoutError", timeout: 40 });
  });

  test("an abort gives the caller's reason, before and during", async () => {
    await using api = await serve(hang);
    const reason = new Error("enough");
    expect(await thrownBy(greet(api.client).with({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(api.server.requests).toHaveLength(0);
    const abort = new AbortController();
    const pending = greet(api.client).with({ signal: abort.signal })();
    setTimeout(() => abort.abort(reason), 40);
    expect(await thrownBy(() => pending)).toBe(reason);
    expect(await api.server.clientClosed).toBeGreaterThan(0);
    const plain = new AbortController();
    const other = greet(api.client).with({ signal: plain.signal })();
    setTimeout(() => plain.abort(), 40);
    expect(classify(await thrownBy(() => other)).kind).toBe("aborted");
  });

  test("no listener stays on a signal", async () => {
    await using api = await serve();
    const { signal } = new AbortController();
    const { request } = await greet(api.client).prepare();
    await provider.create(api.client, request, { signal });
    await thrownBy(async () => collect(await provider.stream(api.client, request, { signal })));
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("headers and timeout of a call are added to those of its parameters", async () => {
    await using api = await serve();
    const callParams = { httpOptions: { headers: { "x-one": "1", "x-two": "1" } } };
    const call = gemini.call(asked, { client: api.client, callParams }, () => "Hi");
    await call.with({ headers: { "x-two": "2" }, timeout: 5_000 })();
    expect(api.server.requests[0]?.headers).toMatchObject({ "x-one": "1", "x-two": "2", "x-server-timeout": "6" });
    await call();
    expect(api.server.requests[1]?.headers).toMatchObject({ "x-one": "1", "x-two": "1" });
    expect(api.server.requests[1]?.headers).not.toHaveProperty("x-server-timeout");
  });
});

describe("clients", () => {
  afterEach(() => vi.unstubAllEnvs());

  // checklist: 53
  test("of another SDK or of Google's other service are refused", async () => {
    const openai = new OpenAI({ apiKey: "k" });
    for (const wrong of [openai, {}, "client", null, vertexClient("http://127.0.0.1:1")]) {
      const error = await thrownBy(greet(wrong as never));
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).toContain("a GoogleGenAI instance for the Gemini API");
    }
  });

  test("two of them at once stay apart", async () => {
    const named = (text: string) => status(200, answer([{ text }]));
    await using one = await serve(named("one"));
    await using two = await serve(named("two"));
    const call = gemini.call(asked, async (which: 1 | 2) => ({
      messages: [{ role: "user", content: "Hi" }],
      client: which === 1 ? one.client : two.client,
    }));
    const answers = await Promise.all([call(1), call(2), call(1)]);
    expect(answers.map(({ content }) => content)).toEqual(["one", "two", "one"]);
  });

  test("one from the environment is kept as long as that stays the same", async () => {
    await using api = await serve();
    for (const name of ["GOOGLE_API_KEY", "GEMINI_API_KEY"]) vi.stubEnv(name, "");
    const call = gemini.call(asked, () => "Hi");
    const missing = await thrownBy(call);
    expect(missing).toBeInstanceOf(ConfigError);
    expect((missing as Error).message).toContain("GEMINI_API_KEY");
    vi.stubEnv("GEMINI_API_KEY", "from-env");
    vi.stubEnv("GOOGLE_GEMINI_BASE_URL", api.server.url);
    await call();
    await call();
    expect(api.server.requests.map(({ headers }) => headers["x-goog-api-key"])).toEqual(["from-env", "from-env"]);
    expect(await provider.client(undefined)).toBe(await provider.client(undefined));
    vi.stubEnv("GEMINI_API_KEY", "another");
    await call();
    expect(api.server.requests[2]?.headers["x-goog-api-key"]).toBe("another");
  });
});
