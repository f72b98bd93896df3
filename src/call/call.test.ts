import OpenAI, { AzureOpenAI } from "openai";
import { describe, expect, test, vi } from "vitest";
import { chunk, completion, startChat, textChunks, toolCall } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { collect, deepFreeze, thrownBy } from "../../test/support/replay.ts";
import { ConfigError, ConnectionError, PromptError, ResponseError, TimeoutError } from "../errors/errors.ts";
import { Messages } from "../message/message.ts";
import { prompt, promptTemplate, withMetadata } from "../prepare/prompt.ts";
import { openai } from "../providers/openai/index.ts";
import { ParseError } from "../structured/parse-error.ts";
import { tool } from "../tools/tool.ts";

const dune = completion({ content: "Dune" });
const say = (genre: string) => `Recommend a ${genre} book`;

describe("a call", () => {
  // checklist: 1, 67, 70, 82-85
  test("sends what its prompt says and gives the SDK's response", async () => {
    await using server = await startChat(dune);
    const before = Date.now();
    const response = await openai.call("gpt-4o-mini", { client: server.client }, say)("fantasy");
    expect(server.bodies).toEqual([
      { model: "gpt-4o-mini", messages: [{ role: "user", content: "Recommend a fantasy book" }] },
    ]);
    expect(response.response).toEqual(dune);
    expect(response.content).toBe("Dune");
    expect(`${response}`).toBe("Dune");
    expect(response.fnArgs).toEqual(["fantasy"]);
    expect(response.messages).toEqual(server.bodies[0]?.messages);
    expect(response.callKwargs).toEqual(server.bodies[0]);
    expect(response.userMessageParam).toEqual({ role: "user", content: "Recommend a fantasy book" });
    expect(response.dynamicConfig).toEqual({ messages: "Recommend a fantasy book" });
    expect(response.promptTemplate).toBeUndefined();
    expect(response.metadata).toBeUndefined();
    expect(response.toolTypes).toBeUndefined();
    expect(before <= response.startTime && response.startTime <= response.endTime).toBe(true);
    expect(response.endTime).toBeLessThanOrEqual(Date.now());
  });

  test("is written in three ways that are one", async () => {
    await using server = await startChat(dune);
    const { client } = server;
    const curried = openai.call("gpt-4o-mini", { client });
    const calls = [
      openai.call("gpt-4o-mini", say).with({ client }),
      openai.call("gpt-4o-mini", { client }, say),
      curried(say),
    ];
    for (const call of calls) expect((await call("x")).content).toBe("Dune");
    expect(new Set(server.requests.map(({ text }) => text)).size).toBe(1);
  });

  // checklist: 5, 29, 63
  test("takes prompts of every kind", async () => {
    await using server = await startChat(dune);
    const { client } = server;
    await openai.call("m", { client })(prompt(say))("a");
    await openai.call("m", { client })(promptTemplate("Recommend a {genre} book"))({ genre: "a" });
    await openai.call("m", { client })(prompt((genre: string) => [Messages.user(say(genre))]))("a");
    await openai.call("m", { client })(async (genre: string) => say(genre))("a");
    expect(new Set(server.requests.map(({ text }) => text)).size).toBe(1);
  });

  // checklist: 82
  test("shows its template", async () => {
    await using server = await startChat(dune);
    const recommend = openai.call("m", { client: server.client })(promptTemplate("A {genre} book"));
    const response = await recommend({ genre: "fantasy" });
    expect(response.promptTemplate).toBe("A {genre} book");
    expect(response.fnArgs).toEqual([{ genre: "fantasy" }]);
    expect(response.dynamicConfig).toBeUndefined();
  });

  // checklist: 66
  test("runs its prompt once, before the client is asked for", async () => {
    await using server = await startChat(dune);
    const order: string[] = [];
    const client = new Proxy(server.client, {
      get: (target, key, receiver) => {
        if (key === "chat") order.push("client");
        return Reflect.get(target, key, receiver) as unknown;
      },
    });
    await openai.call("m", { client }, () => {
      order.push("prompt");
      return "Hi";
    })();
    expect(order.filter((step) => step === "prompt")).toHaveLength(1);
    expect(order[0]).toBe("prompt");
  });

  // checklist: 62
  test("passes the prompt's own error on and sends nothing", async () => {
    await using server = await startChat(dune);
    const own = new RangeError("mine");
    const call = openai.call("m", { client: server.client }, (): string => {
      throw own;
    });
    expect(await thrownBy(() => call())).toBe(own);
    expect(
      await thrownBy(() => openai.call("m", { client: server.client }, (() => undefined) as never)()),
    ).toBeInstanceOf(PromptError);
    expect(server.requests).toHaveLength(0);
  });

  // checklist: 55
  test("changes nothing it was given", async () => {
    await using server = await startChat(dune);
    const config = deepFreeze({
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: [{ type: "text", text: "Hi" }] },
      ],
      callParams: { stop: ["x"], logit_bias: { "1": 2 } },
      metadata: { a: [1] },
    });
    const options = deepFreeze({ callParams: { temperature: 0, metadata: { a: "b" } }, jsonMode: true as const });
    const call = openai.call("m", { ...options, client: server.client }, () => config as openai.DynamicConfig);
    const response = await call();
    expect(response.metadata).toBe(config.metadata);
    expect(server.bodies[0]).toEqual({
      model: "m",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "system", content: "Answer with one JSON object and nothing else." },
        { role: "user", content: [{ type: "text", text: "Hi" }] },
      ],
      temperature: 0,
      metadata: { a: "b" },
      stop: ["x"],
      logit_bias: { "1": 2 },
      response_format: { type: "json_object" },
    });
    expect(response.userMessageParam).toEqual(config.messages[1]);
  });

  // checklist: 67
  test("keeps what was passed, not what became of it", async () => {
    await using server = await startChat(dune);
    const book = { title: "Dune", tags: ["a"] };
    const pending = openai.call("m", { client: server.client }, ({ title }: typeof book) => title)(book);
    book.title = "changed";
    book.tags.push("b");
    expect((await pending).fnArgs).toEqual([{ title: "Dune", tags: ["a"] }]);
  });
});

describe("dynamic configuration", () => {
  // checklist: 44
  test("merges parameters over the static ones; `undefined` erases nothing, `null` is sent", async () => {
    await using server = await startChat(dune);
    const call = openai.call("m", { client: server.client, callParams: { temperature: 1, top_p: 1, seed: 7 } }, () => ({
      messages: "Hi",
      callParams: { temperature: 0, top_p: undefined, seed: null } as object,
    }));
    const response = await call();
    expect(server.bodies[0]).toEqual({
      model: "m",
      messages: [{ role: "user", content: "Hi" }],
      temperature: 0,
      top_p: 1,
      seed: null,
    });
    expect(response.callParams).toEqual({ temperature: 0, top_p: 1, seed: null });
  });

  // checklist: 50
  test("its client serves that one call, also beside others", async () => {
    await using usual = await startChat(dune);
    await using special = await startChat(completion({ content: "Emma" }));
    const call = openai.call("m", { client: usual.client }, (own: boolean) => ({
      messages: "Hi",
      ...(own && { client: special.client }),
    }));
    const responses = await Promise.all([call(true), call(false), call(true), call(false)]);
    expect(responses.map(({ content }) => content)).toEqual(["Emma", "Dune", "Emma", "Dune"]);
    expect([usual.requests.length, special.requests.length]).toEqual([2, 2]);
  });

  // checklist: 32
  test("its metadata replaces the prompt's", async () => {
    await using server = await startChat(dune);
    const { client } = server;
    const tagged = openai.call("m", { client })(withMetadata({ tags: ["static"] }, () => "Hi"));
    expect((await tagged()).metadata).toEqual({ tags: ["static"] });
    const dynamic = withMetadata({ tags: ["static"] }, () => ({ messages: "Hi", metadata: { tags: ["dynamic"] } }));
    expect((await openai.call("m", { client })(dynamic)()).metadata).toEqual({ tags: ["dynamic"] });
  });

  // checklist: 49
  test("its tools replace the static ones; none means none", async () => {
    await using server = await startChat(dune);
    const one = tool({ name: "one", call: () => 1 });
    const two = tool({ name: "two", call: () => 2 });
    const call = openai.call("m", { client: server.client, tools: [one] }, (tools: (typeof two)[]) => ({
      messages: "Hi",
      tools,
    }));
    await call([two]);
    await call([]);
    const names = server.bodies.map(({ tools }) =>
      (tools as { function: { name: string } }[] | undefined)?.map((t) => t.function.name),
    );
    expect(names).toEqual([["two"], undefined]);
  });

  // checklist: 45
  test("cannot replace the model or the messages through parameters, nor pollute a prototype", async () => {
    await using server = await startChat(dune);
    const { client } = server;
    for (const key of ["model", "messages", "stream"]) {
      const error = await thrownBy(() => openai.call("m", { client, callParams: { [key]: "x" } as never }, () => "Hi"));
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).toContain(`"${key}"`);
      const dynamic = openai.call("m", { client }, () => ({ messages: "Hi", callParams: { [key]: "x" } }) as never);
      expect(await thrownBy(() => dynamic())).toBeInstanceOf(ConfigError);
    }
    const callParams = JSON.parse('{"__proto__":{"polluted":true},"seed":1}') as object;
    await openai.call("m", { client, callParams }, () => "Hi")();
    expect(server.bodies).toEqual([{ model: "m", messages: [{ role: "user", content: "Hi" }], seed: 1 }]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("with", () => {
  // checklist: 65
  test("makes another call and leaves the first as it is", async () => {
    await using server = await startChat(dune);
    const first = openai.call("a", { client: server.client, callParams: { temperature: 1 } }, say);
    const second = first.with({ model: "b", callParams: { seed: 1 }, headers: { "x-trace": "1" } });
    await second("x");
    await first("x");
    expect(server.bodies).toMatchObject([
      { model: "b", temperature: 1, seed: 1 },
      { model: "a", temperature: 1 },
    ]);
    expect(server.bodies[1]).not.toHaveProperty("seed");
    expect(server.requests.map(({ headers }) => headers["x-trace"])).toEqual(["1", undefined]);
  });

  // checklist: 75
  test("prices by the user's own table", async () => {
    await using server = await startChat(completion({ content: "Dune" }, "house-model"));
    const call = openai.call("house-model", { client: server.client }, say);
    expect((await call("x")).cost).toBeUndefined();
    const priced = await call.with({ prices: { "house-model": { input: 1, output: 2 } } })("x");
    expect(priced.cost).toBeCloseTo(20 / 1e6, 12);
    expect(priced.costDetails?.entry?.source).toBe("table");
  });
});

test("prepare shows the exact request, as JSON, and sends nothing", async () => {
  const client = new OpenAI({ apiKey: "sk-secret", baseURL: "http://127.0.0.1:9" });
  const call = openai.call("gpt-4o-mini", { client, callParams: { seed: 1 } }, (genre: string) => ({
    messages: say(genre),
    metadata: { tags: ["a"] },
    client,
  }));
  const prepared = await call.prepare("fantasy");
  expect(prepared.request).toEqual({
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: "Recommend a fantasy book" }],
    seed: 1,
  });
  const stored = JSON.stringify(prepared);
  expect(JSON.parse(stored)).toMatchObject({
    provider: "openai",
    model: "gpt-4o-mini",
    fnArgs: ["fantasy"],
    request: prepared.request,
  });
  expect(stored).not.toContain("sk-secret");
});

// checklist: 130
describe("withResponse", () => {
  test("gives a primitive's response too", async () => {
    await using server = await startChat(dune);
    const parse = openai.call("m", { client: server.client, outputParser: (response) => response.content.length }, say);
    const { value, response } = await parse("x").withResponse();
    expect(value).toBe(4);
    expect(response.content).toBe("Dune");
    expect(await parse("x")).toBe(4);
  });

  test("fails as the call does, once", async () => {
    await using server = await fault.startServer(fault.status(400, "{}"));
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const error = await thrownBy(() => openai.call("m", { client }, say)("x").withResponse());
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
  });
});

describe("an output parser", () => {
  // checklist: 142
  test("may be async, and an error of its own carries the response", async () => {
    await using server = await startChat(dune);
    const { client } = server;
    expect(await openai.call("m", { client, outputParser: async (r) => r.content.toUpperCase() }, say)("x")).toBe(
      "DUNE",
    );
    const cause = new Error("mine");
    const failing = openai.call(
      "m",
      {
        client,
        outputParser: () => {
          throw cause;
        },
      },
      say,
    );
    const error = (await thrownBy(() => failing("x"))) as ParseError & { readonly response: openai.CallResponse };
    expect(error).toBeInstanceOf(ParseError);
    expect(error).toMatchObject({ kind: "output_parser", cause, text: "Dune" });
    expect(error.response.inputTokens).toBe(10);
  });

  // checklist: 38
  test("needs the whole response", () => {
    expect(() => openai.call("m", { stream: true, outputParser: (() => 1) as never }, say)).toThrow(ConfigError);
  });
});

// checklist: 37
describe("options", () => {
  test.each<[string, () => unknown]>([
    ["an unknown one", () => openai.call("m", { streem: true } as never, say)],
    ["no model", () => openai.call("", say)],
    ["a response model that is none", () => openai.call("m", { responseModel: { type: "object" } as never }, say)],
    [
      "a structured stream with tools",
      () =>
        openai.call(
          "m",
          { stream: true, responseModel: (() => 1) as never, tools: [tool({ name: "a", call: () => 1 })] },
          say,
        ),
    ],
  ])("refuses %s", (_, make) => expect(make).toThrow(ConfigError));

  test("refuses a prompt that is no function", () => {
    expect(() => openai.call("m", {}, "Hi" as never)).toThrow(PromptError);
  });
});

describe("clients", () => {
  // checklist: 53
  test("a foreign one is refused by name before anything is sent", async () => {
    const error = await thrownBy(() => openai.call("m", { client: { messages: {} } as never }, say)("x"));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain("OpenAI or AzureOpenAI");
  });

  // checklist: 52
  test("AzureOpenAI is an OpenAI", async () => {
    await using server = await startChat(dune);
    const client = new AzureOpenAI({ endpoint: server.url, apiKey: "k", apiVersion: "2024-10-21", maxRetries: 0 });
    expect((await openai.call("gpt-4o-mini", { client }, say)("x")).content).toBe("Dune");
    expect(server.requests[0]?.path).toBe("/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21");
  });

  // checklist: 51
  test("the default one comes from the environment and is kept while that stays", async () => {
    await using first = await startChat(dune);
    await using second = await startChat(completion({ content: "Emma" }));
    vi.stubEnv("OPENAI_API_KEY", "sk-one");
    vi.stubEnv("OPENAI_BASE_URL", first.url);
    try {
      const call = openai.call("m", say);
      await call("x");
      await call("x");
      vi.stubEnv("OPENAI_BASE_URL", second.url);
      expect((await call("x")).content).toBe("Emma");
      expect(first.requests).toHaveLength(2);
      const { provider } = openai;
      expect(await provider.client(undefined)).toBe(await provider.client(undefined));
      vi.stubEnv("OPENAI_API_KEY", undefined);
      const { OpenAIError } = OpenAI as unknown as { OpenAIError: new () => Error };
      const error = await thrownBy(() => call("x"));
      expect(error).toBeInstanceOf(OpenAIError ?? Error);
      expect((error as Error).message).toContain("OPENAI_API_KEY");
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe("concurrency", () => {
  // checklist: 64
  test("fifty calls share nothing, and one that fails disturbs none", async () => {
    await using server = await fault.startServer((answer) => {
      const { messages } = answer.request.body as { messages: { content: string }[] };
      const content = messages[0]?.content ?? "";
      if (content === "7") fault.status(500, "{}")(answer);
      else answer.send(200, { "content-type": "application/json" }, JSON.stringify(completion({ content })));
    });
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const echo = openai.call("m", { client }, (n: number) => ({ messages: String(n), metadata: { n } }));
    const results = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => echo(n)));
    for (const [n, result] of results.entries()) {
      if (n === 7) expect(result).toMatchObject({ status: "rejected" });
      else expect(result).toMatchObject({ value: { content: String(n), fnArgs: [n], metadata: { n } } });
    }
  });

  test("one signal serves many calls and is left without listeners", async () => {
    await using server = await startChat(dune);
    const { signal } = new AbortController();
    const call = openai.call("m", { client: server.client }, say).with({ signal, timeout: 60_000 });
    await Promise.all(Array.from({ length: 30 }, () => call("x")));
    const { getEventListeners } = await import("node:events");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

// checklist: 61, 65
describe("what goes wrong on the way", () => {
  const clientOf = (url: string, options = {}) =>
    new OpenAI({ apiKey: "sk-secret", baseURL: url, maxRetries: 0, logLevel: "off", ...options });

  test.each([
    [400, OpenAI.BadRequestError],
    [401, OpenAI.AuthenticationError],
    [403, OpenAI.PermissionDeniedError],
    [404, OpenAI.NotFoundError],
    [422, OpenAI.UnprocessableEntityError],
    [429, OpenAI.RateLimitError],
    [500, OpenAI.InternalServerError],
  ])("status %i is the SDK's own error, from one request", async (code, ErrorClass) => {
    await using server = await fault.startServer(
      fault.status(code, '{"error":{"message":"no"}}', { "content-type": "application/json" }),
    );
    const client = clientOf(server.url);
    const thrown: unknown[] = [];
    const spied = Object.assign(Object.create(client.chat.completions), {
      create: (...args: Parameters<typeof client.chat.completions.create>) =>
        (client.chat.completions.create(...args) as Promise<unknown>).catch((error: unknown) => {
          thrown.push(error);
          throw error;
        }),
    }) as OpenAI["chat"]["completions"];
    const error = await thrownBy(() =>
      openai.call("m", { client: { chat: { completions: spied } } as OpenAI }, say)("x"),
    );
    expect(error).toBeInstanceOf(ErrorClass);
    expect(error).toBe(thrown[0]);
    expect(server.requests).toHaveLength(1);
  });

  test("the SDK's own retries stay the user's, and a retry sends the same body", async () => {
    const answers = fault.inTurn(
      fault.retryAfter("0", 429),
      fault.status(200, JSON.stringify(dune), { "content-type": "application/json" }),
    );
    await using server = await fault.startServer(answers);
    const response = await openai.call("m", { client: clientOf(server.url, { maxRetries: 1 }) }, say)("x");
    expect(response.content).toBe("Dune");
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]?.text).toBe(server.requests[0]?.text);
  });

  test.each([
    ["{}", fault.emptyObject200],
    ["[]", fault.emptyArray200],
    ["null", fault.null200],
    ["nothing", fault.emptyBody200],
    ["a page of HTML", fault.html200],
    ["cut JSON", fault.cutJson200],
    ["an error under a 200", fault.status(200, '{"error":{"message":"no"}}', { "content-type": "application/json" })],
    ["no choices", fault.status(200, '{"id":"a","choices":[]}', { "content-type": "application/json" })],
    [
      "an empty choice",
      fault.status(200, '{"choices":[{"index":0,"message":{"content":null}}]}', { "content-type": "application/json" }),
    ],
  ])("a 200 with %s is a typed error, not an empty success", async (_, handler) => {
    await using server = await fault.startServer(handler);
    const error = await thrownBy(() => openai.call("m", { client: clientOf(server.url) }, say)("x"));
    expect(error).toBeInstanceOf(ResponseError);
    expect(error).toMatchObject({ code: "malformed_response", provider: "openai" });
  });

  test("a refused connection and a destroyed socket are the SDK's own error", async () => {
    const error = await thrownBy(async () =>
      openai.call("m", { client: clientOf(await fault.closedPort()) }, say)("x"),
    );
    expect(error).toBeInstanceOf(OpenAI.APIConnectionError);
    await using server = await fault.startServer(fault.disconnect);
    expect(await thrownBy(() => openai.call("m", { client: clientOf(server.url) }, say)("x"))).toBeInstanceOf(
      OpenAI.APIConnectionError,
    );
  });

  test("a bare error of the language is carried by a typed one", async () => {
    const cause = new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNREFUSED" }) });
    const client = { chat: { completions: { create: () => Promise.reject(cause) } } } as unknown as OpenAI;
    const error = await thrownBy(() => openai.call("m", { client }, say)("x"));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ cause, message: "The connection to openai failed: ECONNREFUSED." });
  });

  test.each([
    ["no headers ever", fault.hang],
    ["half a body", fault.headerThenStall()],
  ])("a timeout covers %s", async (_, handler) => {
    await using server = await fault.startServer(handler);
    const call = openai.call("m", { client: clientOf(server.url) }, say).with({ timeout: 80 });
    const started = performance.now();
    const error = await thrownBy(() => call("x"));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ timeout: 80, code: "timeout" });
    expect(performance.now() - started).toBeLessThan(2_000);
    await server.clientClosed;
  });

  test("an abort before the call sends nothing and keeps its reason", async () => {
    await using server = await startChat(dune);
    const reason = new Error("not wanted");
    const call = openai.call("m", { client: server.client }, say).with({ signal: AbortSignal.abort(reason) });
    expect(await thrownBy(() => call("x"))).toBe(reason);
    expect(server.requests).toHaveLength(0);
  });

  test("an abort while waiting ends at once, by the SDK's own error", async () => {
    const controller = new AbortController();
    await using server = await fault.startServer(() => controller.abort());
    const call = openai.call("m", { client: clientOf(server.url) }, say).with({ signal: controller.signal });
    const error = await thrownBy(() => call("x"));
    expect(error).toBeInstanceOf(OpenAI.APIUserAbortError);
    await server.clientClosed;
  });

  test("an SDK that does not listen is not waited for", async () => {
    const client = { chat: { completions: { create: () => new Promise(() => {}) } } } as unknown as OpenAI;
    const call = openai.call("m", { client }, say);
    expect(await thrownBy(() => call.with({ timeout: 20 })("x"))).toBeInstanceOf(TimeoutError);
    const reason = new Error("enough");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    expect(await thrownBy(() => call.with({ signal: controller.signal })("x"))).toBe(reason);
  });

  // checklist: 90
  test("no key is in what we make of an error or a response", async () => {
    const echo = JSON.stringify({ error: { message: "bad key sk-secret" } });
    await using server = await fault.startServer(fault.status(200, echo, { "content-type": "application/json" }));
    const error = (await thrownBy(() => openai.call("m", { client: clientOf(server.url) }, say)("x"))) as ResponseError;
    expect(error.message).not.toContain("sk-secret");
    await using good = await startChat(dune, textChunks("a"));
    const response = await openai.call("m", { client: good.client }, say)("x");
    const { inspect } = await import("node:util");
    const seen = [JSON.stringify(response), inspect(response, { depth: 9 }), JSON.stringify(response.callKwargs)];
    for (const text of seen) expect(text).not.toContain("sk-secret");
    const stream = openai.call("m", { client: good.client, stream: true }, say)("x");
    await collect(stream);
    expect(inspect(stream, { depth: 9 })).not.toContain("sk-secret");
  });
});

// checklist: 71
test("a refusal, log probabilities and several choices stay reachable", async () => {
  const refused = completion({ content: null, refusal: "No." });
  const several = {
    ...completion({ content: "a" }),
    choices: ["a", "b"].map((content, index) => ({
      index,
      message: { role: "assistant", content, refusal: null },
      finish_reason: index === 0 ? "stop" : "length",
      logprobs: { content: [] },
    })),
  };
  await using server = await startChat(refused, several);
  const call = openai.call("m", { client: server.client, callParams: { n: 2, logprobs: true } }, say);
  const first = await call("x");
  expect(first).toMatchObject({
    content: "",
    refusal: "No.",
    messageParam: { role: "assistant", refusal: "No.", content: "" },
  });
  const second = await call("x");
  expect(second.finishReasons).toEqual(["stop", "length"]);
  expect(second.response.choices[1]?.message.content).toBe("b");
  expect(second.response.choices[0]?.logprobs).toEqual({ content: [] });
});

// checklist: 71, 74, 75, 78, 80
test("usage, finish reasons and tool calls that nobody told of are undefined; unknown values pass", async () => {
  const odd = completion({ content: "a", finish: "novel", usage: null });
  await using server = await startChat(odd, completion({ tool_calls: [toolCall("x", {})] }), [
    chunk({ content: "a" }, "novel"),
  ]);
  const call = openai.call("m", { client: server.client }, say);
  const response = await call("x");
  expect(response).toMatchObject({
    usage: undefined,
    inputTokens: undefined,
    outputTokens: undefined,
    cost: undefined,
    toolCalls: undefined,
    tools: undefined,
    tool: undefined,
  });
  expect(response.finishReasons).toEqual(["novel"]);
  expect(response.stopReason).toBe("other");
  const called = await call("x");
  expect(called.toolCalls).toHaveLength(1);
  expect(() => called.tools).toThrow("which does not exist; none was offered");
});

test("a response in the next prompt is its text", async () => {
  await using server = await startChat(dune);
  const response = await openai.call("m", { client: server.client }, say)("x");
  expect(await promptTemplate("After {book} read")({ book: response })).toEqual([
    { role: "user", content: "After Dune read" },
  ]);
  expect(`${response}`).toBe("Dune");
});

describe("what must not go wrong in silence", () => {
  test("a call and a prepared call show no client when they are printed", async () => {
    const { inspect } = await import("node:util");
    const client = new OpenAI({ apiKey: "sk-secret" });
    const call = openai.call("m", { client }, () => ({ messages: "Hi", client }));
    const options = { depth: 9, showHidden: false };
    expect(inspect(call, options)).not.toContain("sk-secret");
    const prepared = await call.prepare();
    expect(inspect(prepared, options)).not.toContain("sk-secret");
    expect(prepared.dynamicConfig?.client).toBe(client);
  });

  test("a prepared call survives JSON whatever it was called with", async () => {
    const circular: Record<string, unknown> = { n: 10n };
    circular.self = circular;
    const call = openai.call("m", (_: unknown, make: () => string) => make());
    const prepared = await call.prepare(circular, () => "Hi");
    expect(JSON.parse(JSON.stringify(prepared))).toMatchObject({ request: { messages: [{ content: "Hi" }] } });
  });

  test.each([Number.NaN, -1, 1.5])("retries of %s are refused", (validation) => {
    expect(() => openai.call("m", { retries: { validation } }, say)).toThrow("whole number from 0");
  });

  test("retries of a stream are refused, it is not asked again", () => {
    expect(() => openai.call("m", { stream: true, retries: { validation: 1 } }, say)).toThrow(ConfigError);
  });

  test("an override that there is not is named", () => {
    expect(() => openai.call("m", say).with({ timout: 1 } as never)).toThrow('no override "timout"');
    expect(() => openai.call("m", say).with({ timeout: Number.NaN })).toThrow("`timeout` is a time");
  });

  test.each<[string, () => unknown, string]>([
    ["options after the prompt", () => openai.call("m", say as never, { stream: true } as never), "before its prompt"],
    ["one tool for an array", () => openai.call("m", { tools: {} as never }, say), "`tools` is an array"],
    ["what is no tool", () => openai.call("m", { tools: [undefined] as never }, say), "`tools` is an array"],
    ["a stream by a word", () => openai.call("m", { stream: "yes" as never }, say), "`stream` is true"],
    ["an unknown JSON mode", () => openai.call("m", { jsonMode: "Schema" as never }, say), "`jsonMode` is true"],
    ["a parser that is none", () => openai.call("m", { outputParser: "x" as never }, say), "`outputParser` is a"],
    ["retries by a number", () => openai.call("m", { retries: 2 as never }, say), "`retries` is {"],
    ["retries of nothing", () => openai.call("m", { retries: { validation: 2 } }, say), "needs a `responseModel`"],
    ["no overrides", () => openai.call("m", say).with(null as never), "with() takes an object"],
    ["no model", () => openai.call("m", say).with({ model: "" }), "needs the name of a model"],
    ["a controller", () => openai.call("m", say).with({ signal: new AbortController() as never }), "an AbortSignal"],
    ["tools that are none", () => openai.call("m", say).with({ tools: [{}] as never }), "`tools` is an array"],
  ])("%s is refused before anything is sent", (_, make, message) => {
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });

  test("overrides add up: headers key by key, and undefined erases nothing", async () => {
    await using server = await startChat(dune);
    const call = openai.call("m", { client: server.client }, say);
    const { signal }: { signal?: AbortSignal | undefined } = {};
    const first = call.with({ headers: { "x-auth": "1", "x-kept": "1" }, timeout: 1 });
    await call.with({ headers: { "x-auth": "1", "x-kept": "1" } }).with({ headers: { "x-auth": "2" }, signal })("x");
    expect(server.requests[0]?.headers).toMatchObject({ "x-auth": "2", "x-kept": "1" });
    await using silent = await fault.startServer(fault.hang);
    const client = new OpenAI({ apiKey: "x", baseURL: silent.url, maxRetries: 0 });
    expect(await thrownBy(() => first.with({ client, timeout: undefined })("x"))).toBeInstanceOf(TimeoutError);
  });

  test.each([{ "x-user": "José ☃" }, { "bad header": "x" }])("a header HTTP has no form for: %j", async (headers) => {
    await using server = await startChat(dune);
    const call = openai.call("m", { client: server.client }, say).with({ headers });
    expect(await thrownBy(() => call("x"))).toBeInstanceOf(ConfigError);
    expect(server.requests).toHaveLength(0);
  });

  test("a time too long for a timer is none", async () => {
    await using server = await startChat(dune, textChunks("a"));
    const { client } = server;
    expect((await openai.call("m", { client }, say).with({ timeout: Number.POSITIVE_INFINITY })("x")).content).toBe(
      "Dune",
    );
    await collect(openai.call("m", { client, stream: true }, say).with({ timeout: 2 ** 31 })("x"));
  });

  test("a tool that has the answer's name is refused", async () => {
    const { z } = await import("zod");
    const call = openai.call(
      "m",
      { responseModel: z.object({}), tools: [tool({ name: "answer", call: () => 1 })] },
      say,
    );
    expect(await thrownBy(() => call("x"))).toMatchObject({ code: "invalid_tool", toolName: "answer" });
  });

  test("the caller's own response format beside JSON mode is refused", async () => {
    const callParams = { response_format: { type: "text" as const } };
    const call = openai.call("m", { jsonMode: true, callParams }, say);
    expect(await thrownBy(() => call.prepare("x"))).toBeInstanceOf(ConfigError);
  });

  test("a key with a line break is told for what it is", async () => {
    const client = new OpenAI({ apiKey: "sk-secret\nx", baseURL: "http://127.0.0.1:9", maxRetries: 0 });
    const error = (await thrownBy(() => openai.call("m", { client }, say)("x"))) as Error;
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain("is there a line break in it, or in the API key");
    expect(error.message).not.toContain("sk-secret");
  });

  test("an abort while the client is being made sends nothing", async () => {
    await using server = await startChat(dune);
    const controller = new AbortController();
    const reason = new Error("late");
    const call = openai.call("m", { client: server.client }, async () => {
      controller.abort(reason);
      return "Hi";
    });
    expect(await thrownBy(() => call.with({ signal: controller.signal })())).toBe(reason);
    const stream = openai.call("m", { client: server.client, stream: true }, () => {
      controller.abort(reason);
      return "Hi";
    });
    expect(await thrownBy(() => collect(stream.with({ signal: controller.signal })()))).toBe(reason);
    expect(server.requests).toHaveLength(0);
  });
});
