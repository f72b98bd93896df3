import OpenAI, { AzureOpenAI } from "openai";
import { describe, expect, test, vi } from "vitest";
import {
  closedPort,
  cutJson200,
  disconnect,
  emptyArray200,
  emptyBody200,
  emptyObject200,
  hang,
  headerThenStall,
  html200,
  html502,
  null200,
  status,
} from "../../../../test/support/fault-server.ts";
import { type Json, thrownBy } from "../../../../test/support/replay.ts";
import { answer, clientAt, message, serve } from "../../../../test/support/responses-server.ts";
import { classify } from "../../../errors/classify.ts";
import { ConfigError, ResponseError, TimeoutError } from "../../../errors/errors.ts";
import { responses } from "../index.ts";

const asked = "gpt-5-mini";
const hi = (client: OpenAI) => responses.call(asked, { client }, () => "Hi");
const failing = async (handler: Parameters<typeof serve>[0], overrides = {}) => {
  await using api = await serve(handler);
  const error = await thrownBy(() => hi(api.client).with(overrides)());
  return { error, requests: api.server.requests.length };
};

describe("a request that fails", () => {
  test("throws the SDK's own error, after one request", async () => {
    const classes = [
      [400, OpenAI.BadRequestError, "invalid_request"],
      [401, OpenAI.AuthenticationError, "authentication"],
      [403, OpenAI.PermissionDeniedError, "permission"],
      [404, OpenAI.NotFoundError, "not_found"],
      [422, OpenAI.UnprocessableEntityError, "invalid_request"],
      [429, OpenAI.RateLimitError, "rate_limit"],
      [500, OpenAI.InternalServerError, "server"],
    ] as const;
    for (const [code, errorClass, kind] of classes) {
      const { error, requests } = await failing(status(code));
      expect(error).toBeInstanceOf(errorClass);
      expect(classify(error)).toMatchObject({ status: code, kind });
      expect(requests).toBe(1);
    }
    expect((await failing(html502)).error).toBeInstanceOf(OpenAI.InternalServerError);
    await using api = await serve(status(429));
    const stream = responses.call(asked, { client: api.client, stream: true }, () => "Hi")();
    expect(await thrownBy(() => stream[Symbol.asyncIterator]().next())).toBeInstanceOf(OpenAI.RateLimitError);
  });

  test("is a typed error where a success is no answer", async () => {
    const bare = status(200, { error: { code: "content_filter", message: "Filtered" } });
    const empty = status(200, { output: [] });
    for (const handler of [emptyObject200, null200, emptyArray200, emptyBody200, html200, cutJson200, bare, empty]) {
      const { error } = await failing(handler);
      expect(error).toBeInstanceOf(ResponseError);
      expect(error).toMatchObject({ provider: "openai-responses", code: "malformed_response" });
    }
  });

  test("is a typed error where the answer itself says it failed", async () => {
    const body = answer([message("half")], { status: "failed", error: { code: "server_error", message: "Oops" } });
    const { error } = await failing(status(200, body));
    expect(error).toBeInstanceOf(ResponseError);
    expect((error as Error).message).toBe("The response of openai-responses failed: server_error: Oops");
    expect((error as ResponseError).response).toMatchObject(body);
    expect((error as Error).cause).toEqual(body.error);
    const silent = (await failing(status(200, answer([], { status: "failed" })))).error as Error;
    expect([silent.message, silent.cause]).toEqual(["The response of openai-responses failed", undefined]);
  });

  test("through the network says so", async () => {
    const error = await thrownBy(hi(clientAt(await closedPort())));
    expect(error).toBeInstanceOf(OpenAI.APIConnectionError);
    expect(classify(error).kind).toBe("connection");
    expect((await failing(disconnect)).error).toBeInstanceOf(OpenAI.APIConnectionError);
  });

  test("ends on a time limit, its body's too, and on an abort", async () => {
    for (const handler of [hang, headerThenStall('{"object":"response"}')]) {
      const { error } = await failing(handler, { timeout: 60 });
      expect(error).toBeInstanceOf(TimeoutError);
      expect(classify(error).kind).toBe("timeout");
    }
    const reason = new Error("enough");
    const before = await failing(hang, { signal: AbortSignal.abort(reason) });
    expect(before).toEqual({ error: reason, requests: 0 });
    await using api = await serve(hang);
    const abort = new AbortController();
    const call = thrownBy(() => hi(api.client).with({ signal: abort.signal })());
    await vi.waitUntil(() => api.server.requests.length === 1);
    abort.abort(reason);
    const during = await call;
    expect(during).toBeInstanceOf(OpenAI.APIUserAbortError);
    expect(classify(during).kind).toBe("aborted");
    await api.server.clientClosed;
  });
});

describe("clients", () => {
  test("of a wrong kind are refused, Azure's is taken as it is", async () => {
    const wrong = { messages: { create() {} } } as unknown as OpenAI;
    const error = await thrownBy(() => hi(wrong)());
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toBe(
      "callscope/openai takes an OpenAI or AzureOpenAI instance as its client; the one given has no responses.create.",
    );
    await using api = await serve();
    const azure = new AzureOpenAI({
      apiKey: "test",
      baseURL: `${api.server.url}/openai`,
      apiVersion: "preview",
      maxRetries: 0,
    });
    expect((await hi(azure)()).content).toBe("Hello");
    expect(api.server.requests[0]?.path).toBe("/openai/responses?api-version=preview");
  });

  test("by default come from the environment, and say what is missing", async () => {
    vi.stubEnv("OPENAI_API_KEY", undefined);
    try {
      const error = await thrownBy(() => responses.call(asked, () => "Hi")());
      expect(error).toBeInstanceOf(OpenAI.OpenAIError);
      await using api = await serve();
      vi.stubEnv("OPENAI_API_KEY", "sk-env");
      vi.stubEnv("OPENAI_BASE_URL", api.server.url);
      expect((await responses.call(asked, () => "Hi")()).content).toBe("Hello");
      expect(api.server.requests[0]?.headers.authorization).toBe("Bearer sk-env");
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("of calls at the same time do not mix", async () => {
    await using one = await serve(status(200, answer([message("one")])));
    await using two = await serve(status(200, answer([message("two")])));
    const call = responses.call(asked, { client: one.client }, (name: string) => ({
      messages: `I am ${name}`,
      ...(name === "two" && { client: two.client }),
    }));
    const answers = await Promise.all([call("two"), call("one"), call("two")]);
    expect(answers.map(({ content }) => content)).toEqual(["two", "one", "two"]);
    const asking = (api: typeof one) =>
      api.server.requests.map(({ body }) => ((body as Json).input as Json[])[0]?.content);
    expect([asking(one), asking(two)]).toEqual([["I am one"], ["I am two", "I am two"]]);
  });
});
