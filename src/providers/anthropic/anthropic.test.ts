import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic, { type BaseAnthropic } from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import { z } from "zod";
import { answer, clientAt, serve } from "../../../test/support/anthropic-server.ts";
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
  status,
} from "../../../test/support/fault-server.ts";
import { deepFreeze, type Json, thrownBy } from "../../../test/support/replay.ts";
import { classify } from "../../errors/classify.ts";
import { ConfigError, ResponseError, TimeoutError } from "../../errors/errors.ts";
import { Messages } from "../../message/message.ts";
import { tool } from "../../tools/tool.ts";
import { type AnthropicTypes, anthropic } from "./index.ts";

const asked = "claude-haiku-4-5";
const greet = (client: AnthropicTypes["Client"]) => anthropic.call(asked, { client }, () => "Hi");

describe("errors", () => {
  const fault = (type: string) => ({ type: "error", error: { type, message: "No." }, request_id: "req_1" });

  // checklist: 61
  test("of the API are the SDK's own, from one request each", async () => {
    const classes = [
      [400, Anthropic.BadRequestError, "invalid_request_error", "invalid_request"],
      [401, Anthropic.AuthenticationError, "authentication_error", "authentication"],
      [402, Anthropic.PaymentRequiredError, "billing_error", "quota"],
      [403, Anthropic.PermissionDeniedError, "permission_error", "permission"],
      [404, Anthropic.NotFoundError, "not_found_error", "not_found"],
      [413, Anthropic.ContentTooLargeError, "request_too_large", "too_large"],
      [429, Anthropic.RateLimitError, "rate_limit_error", "rate_limit"],
      [500, Anthropic.InternalServerError, "api_error", "server"],
      [529, Anthropic.OverloadedError, "overloaded_error", "overloaded"],
    ] as const;
    for (const [code, expected, type, kind] of classes) {
      await using api = await serve(status(code, fault(type), { "request-id": "req_1" }));
      const error = await thrownBy(greet(api.client));
      expect(error).toBeInstanceOf(expected);
      expect(error).toMatchObject({ status: code, type, apiMessage: "No.", requestID: "req_1" });
      expect(classify(error)).toMatchObject({ kind, status: code });
      expect(api.server.requests).toHaveLength(1);
    }
    await using gateway = await serve(html502);
    expect(await thrownBy(greet(gateway.client))).toBeInstanceOf(Anthropic.InternalServerError);
  });

  test("a client's own retries are its own business", async () => {
    await using api = await serve(
      inTurn(status(529, fault("overloaded_error"), { "retry-after": "0" }), status(200, answer())),
    );
    const client = new Anthropic({ apiKey: "test", baseURL: api.server.url, maxRetries: 1 });
    expect((await greet(client)()).content).toBe("Hello");
    expect(api.server.requests).toHaveLength(2);
  });

  test("a success that is no message is an error", async () => {
    const overloaded = status(200, fault("overloaded_error"));
    const faults: Handler[] = [emptyObject200, null200, emptyArray200, html200, cutJson200, emptyBody200, overloaded];
    for (const [index, handler] of faults.entries()) {
      await using api = await serve(handler);
      const error = await thrownBy(greet(api.client));
      expect(error, `fault ${index}`).toBeInstanceOf(ResponseError);
      expect(classify(error).kind).toBe("malformed");
    }
    await using api = await serve(overloaded);
    const error = (await thrownBy(greet(api.client))) as ResponseError;
    expect(error.message).toBe("anthropic answered with a body without content, not with a message: No.");
    expect(error.response).toEqual(fault("overloaded_error"));
  });

  // checklist: 69
  test("answers that are rightly empty are none", async () => {
    const odd = {
      content: [{ type: "future", x: 1 }, null],
      stop_reason: "new_reason",
      usage: null,
      id: "",
      model: null,
    };
    for (const more of [{ content: [] }, odd]) {
      await using api = await serve(status(200, answer(more)));
      const response = await greet(api.client)();
      expect(response.content).toBe("");
      expect(response.response).toEqual(answer(more));
      if (more !== odd) continue;
      expect(response).toMatchObject({ finishReasons: ["new_reason"], stopReason: "other", model: asked });
      expect([response.id, response.usage, response.inputTokens, response.cost]).toEqual(Array(4).fill(undefined));
    }
  });

  // checklist: 74, 76
  test("counts mean the same as everywhere: all that was read, cache reads and writes included", async () => {
    const usage = {
      input_tokens: 100,
      cache_read_input_tokens: 20,
      cache_creation_input_tokens: 3,
      cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 2 },
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 40 },
      service_tier: "standard",
    };
    await using api = await serve(
      inTurn(
        status(200, answer({ usage })),
        status(200, answer({ usage: { ...usage, speed: "fast" } })),
        status(200, answer({ usage: { ...usage, service_tier: "priority" } })),
      ),
    );
    const response = await greet(api.client)();
    expect(response.tokens).toEqual({
      input: 123,
      output: 50,
      cacheRead: 20,
      cacheWrite: 3,
      cacheWrite1h: 2,
      reasoning: 40,
    });
    // 3 US dollars a million, reads at a tenth, writes at 1.25 and 2 times that:
    // https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing
    expect(response.cost).toBeCloseTo((100 * 3 + 20 * 0.3 + 1 * 3.75 + 2 * 6 + 50 * 15) / 1e6, 12);
    // What is not sold at list price has no certain cost.
    expect((await greet(api.client)()).cost).toBeUndefined();
    expect((await greet(api.client)()).cost).toBeUndefined();
  });

  test("no connection", async () => {
    await using api = await serve(disconnect);
    for (const client of [api.client, clientAt(await closedPort())]) {
      const error = await thrownBy(greet(client));
      expect(error).toBeInstanceOf(Anthropic.APIConnectionError);
      expect(classify(error)).toMatchObject({ kind: "connection", retryable: true });
    }
  });

  test("an abort before and during a call, with the connection closed", async () => {
    await using api = await serve(hang);
    const reason = new Error("enough");
    await expect(greet(api.client).with({ signal: AbortSignal.abort(reason) })()).rejects.toBe(reason);
    expect(api.server.requests).toEqual([]);
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 50);
    const error = await thrownBy(greet(api.client).with({ signal: controller.signal }));
    expect(error).toBeInstanceOf(Anthropic.APIUserAbortError);
    await api.server.clientClosed;
  });

  test("a time limit covers headers and body", async () => {
    for (const handler of [hang, headerThenStall(JSON.stringify(answer()))]) {
      await using api = await serve(handler);
      const error = await thrownBy(greet(api.client).with({ timeout: 80 }));
      expect(error).toBeInstanceOf(TimeoutError);
      // A request that was given up before it arrived has no connection to close.
      if (api.server.requests.length > 0) await api.server.clientClosed;
    }
  });

  test("a long answer without a stream is the SDK's to refuse, and a time limit allows it", async () => {
    await using api = await serve();
    const long = greet(api.client).with({ callParams: { max_tokens: 64_000 } });
    await expect(long()).rejects.toThrow(/Streaming is required/);
    expect(await thrownBy(long)).toBeInstanceOf(Anthropic.AnthropicError);
    expect((await long.with({ timeout: 5000 })()).content).toBe("Hello");
    expect(api.server.requests).toHaveLength(1);
  });
});

describe("clients", () => {
  afterEach(() => vi.unstubAllEnvs());

  // checklist: 52, 53
  test("any of the SDK's family fits, one of another provider does not", async () => {
    type Client = AnthropicTypes["Client"];
    expectTypeOf<Anthropic>().toExtend<Client>();
    // What AnthropicBedrock, AnthropicVertex and AnthropicFoundry are: the base and some of the resources.
    expectTypeOf<
      BaseAnthropic & { messages: Omit<Anthropic.Messages, "batches" | "countTokens"> }
    >().toExtend<Client>();
    expectTypeOf<OpenAI>().not.toExtend<Client>();
    const other = new OpenAI({ apiKey: "test" }) as object as Client;
    const error = await thrownBy(greet(other));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toMatch(
      /^callscope\/anthropic takes an Anthropic client .* has no messages.create\.$/,
    );
  });

  // checklist: 51
  test("the default one is made of the environment, on first use, and kept", async () => {
    await using api = await serve();
    vi.stubEnv("ANTHROPIC_API_KEY", "from-environment");
    vi.stubEnv("ANTHROPIC_BASE_URL", api.server.url);
    const call = anthropic.call(asked, () => "Hi");
    await call();
    await call();
    expect(api.server.requests.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill("Bearer from-environment"),
    );
    expect(await anthropic.provider.client(undefined)).toBe(await anthropic.provider.client(undefined));
  });

  test("without a key the SDK's own error comes", async () => {
    const folder = await mkdtemp(join(tmpdir(), "callscope-anthropic-"));
    for (const name of ["API_KEY", "AUTH_TOKEN", "PROFILE"]) vi.stubEnv(`ANTHROPIC_${name}`, undefined);
    vi.stubEnv("ANTHROPIC_CONFIG_DIR", folder);
    const error = await thrownBy(anthropic.call(asked, () => "Hi"));
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(/authentication method|apiKey/);
    await rm(folder, { recursive: true });
  });

  // checklist: 50, 64
  test("two calls at once, each by its own", async () => {
    await using one = await serve(status(200, answer({ id: "msg_one" })));
    await using two = await serve(status(200, answer({ id: "msg_two" })));
    const call = anthropic.call(asked, (client: Anthropic, text: string) => ({ messages: text, client }));
    const [first, second] = await Promise.all([call(one.client, "one"), call(two.client, "two")]);
    expect([first.id, second.id]).toEqual(["msg_one", "msg_two"]);
    expect(one.body().messages).toEqual([{ role: "user", content: "one" }]);
    expect(two.body().messages).toEqual([{ role: "user", content: "two" }]);
  });
});

// checklist: 55
test("nothing the caller gave is changed, frozen to the bottom", async () => {
  await using api = await serve(status(200, answer({ content: [{ type: "text", text: '{"a":1}' }] })));
  const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
  const own: Anthropic.ToolUnion = { name: "own", input_schema: { type: "object" } };
  const callParams: anthropic.CallParams = {
    system: [{ type: "text", text: "Rules" }],
    tools: [own],
    output_config: { effort: "low" },
  };
  const native: Anthropic.MessageParam = {
    role: "user",
    content: [{ type: "image", source: { type: "url", url: "https://example.com" } }],
  };
  const cached = Messages.user(["Long", { type: "cache_control", cacheType: "ephemeral" }]);
  const messages = [Messages.system("One"), native, cached];
  const before = JSON.stringify([schema, callParams, messages]);
  const offered = tool({ name: "t", parameters: schema, call: () => "" });
  deepFreeze([schema, callParams, messages]);
  for (const jsonMode of [false, true, "schema"] as const) {
    const responseModel = z.object({ a: z.number() });
    const options = { client: api.client, callParams, tools: [offered], responseModel, jsonMode };
    const call = anthropic.call(asked, options, () => ({ messages }));
    const { response } = await call().withResponse();
    expect(Object.isFrozen(response.response)).toBe(false);
  }
  expect(JSON.stringify([schema, callParams, messages])).toBe(before);
  expect((api.body().system as Json[])[0]).toEqual({ type: "text", text: "Rules" });
});
