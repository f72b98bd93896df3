import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import * as claude from "../../test/support/anthropic-server.ts";
import { completion, startChat, textChunks, toolCall, toolChunks } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import * as google from "../../test/support/gemini-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { call as anyCall } from "../any-provider.ts";
import { attemptsOf } from "../contract/attempts.ts";
import { kindOfLayer, type Layer } from "../contract/layer.ts";
import { ConfigError, PromptError, TimeoutError } from "../errors/errors.ts";
import { budget } from "../layers/budget.ts";
import { BudgetError } from "../layers/budget-error.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { gemini } from "../providers/gemini/index.ts";
import { openai } from "../providers/openai/index.ts";
import { StreamError } from "../read/stream-error.ts";
import { within } from "../send/scope.ts";
import { responseOf } from "../structured/extract.ts";
import { ParseError } from "../structured/parse-error.ts";
import { tool } from "../tools/tool.ts";
import { fallback } from "./fallback.ts";
import { hedge } from "./hedge.ts";

const say = (text: string) => text;
const json = { "content-type": "application/json" };
const Book = z.object({ title: z.string() });
const model = "gpt-4o-mini";

async function serve(...handlers: readonly [fault.Handler, ...fault.Handler[]]) {
  const server = await fault.startServer(fault.inTurn(...handlers));
  const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
  return { server, client, [Symbol.asyncDispose]: () => server.close() };
}
const chat = (content: string): fault.Handler => fault.status(200, JSON.stringify(completion({ content })), json);
const events = (...chunks: object[]): fault.Handler =>
  fault.status(200, fault.sse(...chunks, "[DONE]").join(""), { "content-type": "text/event-stream" });
const failing = (status: number) => fault.status(status, "{}", json);
const textOf = async (stream: AsyncIterable<readonly [{ content: string }, unknown]>) =>
  (await collect(stream)).map(([chunk]) => chunk.content).join("");

describe("a fallback", () => {
  // checklist: 146
  test("asks the next leg where one fails; the response says which answered and what the others came to", async () => {
    await using busy = await serve(failing(429));
    await using other = await claude.serve();
    const first = openai.call(model, { client: busy.client }, say);
    const second = anthropic.call("claude-haiku-4-5", { client: other.client }, say);
    const { value, response } = await fallback(first, second)("hi").withResponse();
    expect(value).toBe(response);
    expect(response).toMatchObject({ content: "Hello", leg: 1, provider: "anthropic" });
    expect(response.attempts).toMatchObject([{ provider: "openai", model, cost: 0 }]);
    expect(response.attempts[0]?.error).toBeInstanceOf(OpenAI.APIError);
    expect(response.total).toMatchObject({ cost: response.cost, requests: 2 });
    expect(busy.server.requests[0]?.body).toEqual({ model, messages: [{ role: "user", content: "hi" }] });
    expect(other.body()).toMatchObject({ model: "claude-haiku-4-5", messages: [{ role: "user", content: "hi" }] });
    expect((await fallback(second, first)("hi")).leg).toBe(0);
    expect((await fallback(second, first)("hi")).attempts).toEqual([]);
    expect(busy.server.requests).toHaveLength(1);
  });

  test("falls back on each way in which a provider fails, and on an answer that does not fit", async () => {
    const html = fault.status(200, "<html>", { "content-type": "text/html" });
    const kinds: [fault.Handler, unknown][] = [
      [failing(500), OpenAI.InternalServerError],
      [failing(400), OpenAI.BadRequestError],
      [failing(429), OpenAI.RateLimitError],
      [fault.disconnect, Error],
      [html, Error],
      [chat('{"title":7}'), ParseError],
      [chat("no"), ParseError],
    ];
    for (const [handler, kind] of kinds) {
      await using bad = await serve(handler);
      await using good = await serve(chat('{"title":"Dune"}'));
      const leg = (client: OpenAI) => openai.call(model, { client, responseModel: Book, jsonMode: true }, say);
      const value = await fallback(leg(bad.client), leg(good.client))("hi");
      expect(value).toEqual({ title: "Dune" });
      const response = responseOf(value);
      expect([response?.leg, response?.attempts.length]).toEqual([1, 1]);
      expect(response?.attempts[0]?.error).toBeInstanceOf(kind);
      if (kind === ParseError) expect(response?.attempts[0]?.cost).toBeGreaterThan(0);
    }
  });

  test("falls back on a time limit, and not when the time of all is over", async () => {
    await using slow = await serve(fault.hang);
    await using good = await serve(chat("Dune"));
    const first = openai.call(model, { client: slow.client }, say);
    const second = openai.call(model, { client: good.client }, say);
    const response = await fallback(first.with({ timeout: 30 }), second)("hi");
    expect(response.attempts[0]?.error).toBeInstanceOf(TimeoutError);
    // It is not known whether the request was billed.
    expect([response.attempts[0]?.cost, response.total.cost]).toEqual([undefined, undefined]);
    expect((await fallback(first.with({ deadline: 30 }), second)("hi")).leg).toBe(1);
    const both = fallback(first, second);
    const late = await thrownBy(() => both.with({ deadline: 30 })("hi"));
    expect(late).toBeInstanceOf(TimeoutError);
    expect(attemptsOf(late)).toHaveLength(1);
    expect(await thrownBy(() => within({ deadline: 30 }, () => both("hi")))).toBeInstanceOf(TimeoutError);
    expect(good.server.requests).toHaveLength(2);
  });

  // checklist: 146
  test("never falls back on an abort, 401, 403, or a mistake of the program", async () => {
    await using good = await serve(chat("Dune"));
    const second = openai.call(model, { client: good.client }, say);
    for (const status of [401, 403]) {
      await using bad = await serve(failing(status));
      const error = await thrownBy(() => fallback(openai.call(model, { client: bad.client }, say), second)("hi"));
      expect(error).toMatchObject({ status });
    }
    const reason = new Error("enough");
    await using slow = await serve(fault.hang);
    const first = openai.call(model, { client: slow.client }, say);
    const controller = new AbortController();
    const aborted = fallback(first, second).with({ signal: controller.signal })("hi");
    setTimeout(() => controller.abort(reason), 20);
    expect(await thrownBy(() => aborted)).toBeDefined();
    const purse = budget({ requests: 0 });
    const wrong = openai.call(model, { client: good.client }, () => {
      throw new PromptError("no");
    });
    const broken = openai.call(model, { client: good.client }, (): string => {
      throw new RangeError("mine");
    });
    const cases: [call: () => Promise<unknown>, kind: unknown][] = [
      [() => fallback(second.with({ layers: [purse] }), second)("hi"), BudgetError],
      [() => fallback(openai.call(model, { client: {} as OpenAI }, say), second)("hi"), ConfigError],
      [() => fallback(wrong as unknown as typeof second, second)("hi"), PromptError],
      [() => fallback(broken as unknown as typeof second, second)("hi"), RangeError],
      // What `when` cannot change.
      [() => fallback(second.with({ layers: [purse] }), { call: second, when: () => true })("hi"), BudgetError],
    ];
    for (const [call, kind] of cases) expect(await thrownBy(call)).toBeInstanceOf(kind);
    expect(good.server.requests).toHaveLength(0);
    const any = fallback(broken as unknown as typeof second, { call: second, when: RangeError });
    const response = await any("hi");
    expect(response.attempts).toMatchObject([{ error: expect.any(RangeError), cost: 0 }]);
    await using locked = await serve(failing(401));
    const listed = fallback(openai.call(model, { client: locked.client }, say), {
      call: second,
      when: ["authentication", (error) => error instanceof SyntaxError],
    });
    expect((await listed("hi")).leg).toBe(1);
    await using busy = await serve(failing(429));
    const picky = fallback(openai.call(model, { client: busy.client }, say), { call: second, when: "timeout" });
    expect(await thrownBy(() => picky("hi"))).toBeInstanceOf(OpenAI.RateLimitError);
  });

  // checklist: 146
  test("sends each leg's own model and parameters by its own client, and `when` is each one's own", async () => {
    await using busy = await serve(failing(429));
    await using gone = await serve(failing(404));
    await using good = await claude.serve();
    const first = openai.call("one", { client: busy.client, callParams: { temperature: 0, seed: 1 } }, say);
    const second = openai.call("two", { client: gone.client, callParams: { max_completion_tokens: 7 } }, say);
    const third = anthropic.call("three", { client: good.client, callParams: { max_tokens: 9 } }, say);
    const any = fallback(first, { call: second, when: "rate_limit" }, { call: third, when: "not_found" });
    const messages = [{ role: "user", content: "hi" }];
    expect(await any("hi")).toMatchObject({
      leg: 2,
      attempts: [
        { model: "one", error: { status: 429 } },
        { model: "two", error: { status: 404 } },
      ],
    });
    expect(busy.server.requests.map(({ body }) => body)).toEqual([{ model: "one", messages, temperature: 0, seed: 1 }]);
    expect(gone.server.requests.map(({ body }) => body)).toEqual([
      { model: "two", messages, max_completion_tokens: 7 },
    ]);
    expect(good.body()).toEqual({ model: "three", messages, max_tokens: 9 });
    // What a leg does not name reaches the caller at once.
    const picky = fallback(first, { call: second, when: "rate_limit" }, { call: third, when: "rate_limit" });
    expect(await thrownBy(() => picky("hi"))).toBeInstanceOf(OpenAI.NotFoundError);
  });

  // checklist: 146
  test("throws the last error untouched where none answers, which tells of all", async () => {
    await using one = await serve(failing(500));
    await using two = await serve(chat('{"title":1}'));
    await using three = await serve(failing(429));
    const leg = (client: OpenAI) => openai.call(model, { client, responseModel: Book, jsonMode: true }, say);
    const error = await thrownBy(() => fallback(leg(one.client), leg(two.client), leg(three.client))("hi"));
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    const told = attemptsOf(error);
    expect(told.map(({ error: own }) => own?.constructor.name)).toEqual([
      "InternalServerError",
      "ParseError",
      "RateLimitError",
    ]);
    expect(told[2]?.error).toBe(error);
  });

  test("counts what validation retries of a leg cost before it was given up", async () => {
    await using bad = await serve(chat("no"), chat("still no"));
    await using good = await serve(chat('{"title":"Dune"}'));
    const options = { responseModel: Book, jsonMode: true, retries: { validation: 1 } } as const;
    const first = openai.call(model, { ...options, client: bad.client }, say);
    const second = openai.call(model, { ...options, client: good.client }, say);
    const { response } = await fallback(first, second)("hi").withResponse();
    expect(response.attempts.map(({ content }) => content)).toEqual(["no", "still no"]);
    expect(response.total).toMatchObject({ requests: 3, inputTokens: 30 });
  });

  test("of streams is given at once, falls back before the first event only, and closes when it is left", async () => {
    await using bad = await serve(failing(500), events({ error: { message: "overloaded" } }), fault.disconnect);
    await using good = await claude.serve(
      fault.status(
        200,
        claude
          .eventStream(claude.messageStart, ...claude.textEvents(0, "Hel", "lo"), ...claude.endEvents("end_turn"))
          .join(""),
        { "content-type": "text/event-stream" },
      ),
    );
    const first = openai.call(model, { client: bad.client, stream: true }, say);
    const second = anthropic.call("claude-haiku-4-5", { client: good.client, stream: true }, say);
    for (let turn = 0; turn < 3; turn++) {
      const stream = fallback(first, second)("hi");
      expect(bad.server.requests).toHaveLength(turn);
      expect(stream.provider).toBe("openai");
      expect(await textOf(stream)).toBe("Hello");
      expect([stream.provider, stream.attempts.length, stream.fnArgs]).toEqual(["anthropic", 1, ["hi"]]);
      const response = stream.constructCallResponse();
      expect(response).toMatchObject({ content: "Hello", leg: 1 });
      expect(stream.constructCallResponse()).toBe(response);
      expect(await thrownBy(() => collect(stream))).toMatchObject({ code: "stream_consumed" });
    }
    await using cut = await serve(events(...textChunks("Du").slice(0, 1)));
    const broken = fallback(openai.call(model, { client: cut.client, stream: true }, say), second)("hi");
    const error = await thrownBy(() => collect(broken));
    expect(error).toBeInstanceOf(StreamError);
    expect(broken.content).toBe("Du");
    expect(good.server.requests).toHaveLength(3);
  });

  test("of streams that is left closes the connection, also while the first event is waited for", async () => {
    await using slow = await serve(fault.hang);
    await using good = await serve(events(...textChunks("x")));
    const leg = (client: OpenAI) => openai.call(model, { client, stream: true }, say);
    const stream = fallback(leg(slow.client), leg(good.client))("hi");
    const steps = stream[Symbol.asyncIterator]();
    const pending = steps.next();
    while (slow.server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await steps.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    await slow.server.clientClosed;
    expect(good.server.requests).toHaveLength(0);
  });

  test("of structured streams shows the value of the leg that answers as it grows", async () => {
    await using bad = await serve(failing(500));
    await using good = await google.serve(
      fault.status(
        200,
        fault.sse(google.event([{ text: '{"title":"Du' }]), google.event([{ text: 'ne"}' }], "STOP")).join(""),
        {
          "content-type": "text/event-stream",
        },
      ),
    );
    const options = { stream: true, responseModel: Book, jsonMode: true } as const;
    const first = openai.call(model, { ...options, client: bad.client }, say);
    const second = gemini.call(google.asked, { ...options, client: good.client }, say);
    const stream = fallback(first, second)("hi");
    expect(await collect(stream)).toEqual([{ title: "Du" }, { title: "Dune" }, { title: "Dune" }]);
    expect(stream.constructedResponseModel).toEqual({ title: "Dune" });
    expect(stream.response).toMatchObject({ leg: 1, attempts: [{ provider: "openai" }] });
  });

  test("gives every leg what with() and the scope say, and its layers", async () => {
    await using bad = await serve(failing(500));
    await using good = await serve(chat("x"));
    const seen: unknown[] = [];
    const layer: Layer = {
      send(request, next) {
        seen.push(request.address);
        return next(request);
      },
    };
    const either = fallback(
      openai.call("one", { client: bad.client }, say),
      openai.call("two", { client: good.client }, say),
    );
    await within({ headers: { "x-b": "2" } }, () => either.with({ headers: { "x-a": "1" }, layers: [layer] })("hi"));
    for (const { server } of [bad, good]) {
      expect(server.requests[0]?.headers).toMatchObject({ "x-a": "1", "x-b": "2" });
    }
    expect(seen).toHaveLength(2);
    await either.with({ model: "three", callParams: { temperature: 0 } })("hi");
    expect([bad, good].map(({ server }) => server.requests[1]?.body)).toEqual([
      { model: "three", messages: [{ role: "user", content: "hi" }], temperature: 0 },
      { model: "three", messages: [{ role: "user", content: "hi" }], temperature: 0 },
    ]);
  });

  test("of calls of the root gives every leg the common parameters; a client is for one provider", async () => {
    await using bad = await serve(failing(429));
    await using good = await claude.serve();
    const first = anyCall("openai/gpt-4o-mini", say).with({ client: bad.client });
    const second = anyCall("anthropic/claude-haiku-4-5", say).with({ client: good.client });
    const either = fallback(first, second).with({ callParams: { temperature: 0, maxTokens: 7 } });
    expect(await either("hi")).toMatchObject({ provider: "anthropic", leg: 1 });
    expect(bad.server.requests[0]?.body).toMatchObject({ temperature: 0, max_completion_tokens: 7 });
    expect(good.body()).toMatchObject({ temperature: 0, max_tokens: 7 });
    expect(() => either.with({ client: good.client })).toThrow("`client` belongs to one provider");
  });

  test("is prepared as its first leg; what was prepared is sent and read by the leg it is for", async () => {
    await using one = await serve(chat("one"));
    await using two = await claude.serve();
    const first = openai.call(model, { client: one.client }, say);
    const second = anthropic.call("claude-haiku-4-5", { client: two.client }, say);
    const either = fallback(first, second);
    expect((await either.prepare("hi")).request).toEqual((await first.prepare("hi")).request);
    const prepared = await second.prepare("hi");
    const received = JSON.parse(JSON.stringify(await either.send(prepared)));
    expect(received.leg).toBe(1);
    expect(await either.read(prepared, received)).toMatchObject({ content: "Hello", leg: 1 });
    const other = await gemini.call("gemini-2.5-flash", say).prepare("hi");
    for (const work of [() => either.send(other as never), () => either.read(other as never, received)]) {
      const error = await thrownBy(work);
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).toContain(
        "prepared for gemini; the legs of fallback() are on openai, anthropic",
      );
    }
  });

  test("may have a hedge or a fallback as a leg", async () => {
    await using one = await serve(failing(500));
    await using two = await serve(chat("two"));
    const first = openai.call("one", { client: one.client }, say);
    const second = openai.call("two", { client: two.client }, say);
    const response = await fallback(hedge(first, { after: 1_000 }), second)("hi");
    expect([response.content, response.leg, response.attempts.length]).toEqual(["two", 2, 2]);
    expect(one.server.requests).toHaveLength(2);
  });

  test("of what does not fit is refused", async () => {
    const whole = openai.call(model, say);
    const stream = openai.call(model, { stream: true }, say);
    const structured = openai.call(model, { stream: true, responseModel: Book }, say);
    // biome-ignore lint/suspicious/noExplicitAny: what the types refuse is refused when the program runs, too.
    const loose = fallback as any;
    const refusals: [work: () => unknown, message: string][] = [
      [() => loose(whole, stream), "All legs of fallback() stream"],
      [() => loose(stream, structured), "or none does"],
      [() => loose(whole, () => "x"), "leg 1 is a function"],
      [() => loose({ call: whole }, whole), "The first leg of fallback() is a call"],
      [() => loose(whole, { call: whole, wehn: 1 }), '"wehn"'],
      [() => loose(whole, { call: whole, when: 7 }), "`when` of leg 1"],
      [() => loose(whole, null), "leg 1 is null"],
      [() => loose(whole, anthropic.call("m", say)).with({ model: "x" }), "belongs to one provider"],
      [() => fallback(whole, whole).with({ timout: 1 } as never), '"timout"'],
      [() => fallback(whole, whole).with({ deadline: -1 }), "`deadline` is a time"],
      [() => hedge(whole, {} as never), "`after` is a time in milliseconds"],
      [() => hedge(whole, whole as never, undefined as never), "needs { after }"],
      [() => hedge(whole, { after: 1, befor: 2 } as never), '"befor"'],
      [
        () => toolLoop(fallback(openai.call(model, { responseModel: Book }, say), whole) as never),
        "needs the responses",
      ],
    ];
    for (const [work, message] of refusals) {
      expect(work, message).toThrow(ConfigError);
      expect(work).toThrow(message);
    }
  });
});

describe("a hedge", () => {
  test("asks again where the first is slow, takes who is first, stops the other and counts it", async () => {
    await using server = await serve(fault.hang, chat("Dune"));
    const response = await hedge(openai.call(model, { client: server.client }, say), { after: 20 })("hi");
    expect(response).toMatchObject({ content: "Dune", leg: 1 });
    expect(response.attempts).toMatchObject([{ model, cost: undefined, inputTokens: undefined }]);
    const [lost] = response.attempts;
    expect((lost as { estimatedCost: number }).estimatedCost).toBeGreaterThan(0);
    expect(response.total).toMatchObject({ cost: undefined, requests: 2 });
    await server.server.clientClosed;
    await using fast = await serve(chat("one"));
    const alone = await hedge(openai.call(model, { client: fast.client }, say), { after: 5_000 })("hi");
    expect([alone.leg, alone.attempts, fast.server.requests.length]).toEqual([0, [], 1]);
  });

  test("asks the second at once where the first fails, and fails with the last error", async () => {
    await using one = await serve(failing(429));
    await using two = await claude.serve();
    const first = openai.call(model, { client: one.client }, say);
    const second = anthropic.call("claude-haiku-4-5", { client: two.client }, say);
    const response = await hedge(first, second, { after: 60_000 })("hi");
    expect([response.content, response.leg]).toEqual(["Hello", 1]);
    expect(response.attempts).toMatchObject([{ provider: "openai", cost: 0 }]);
    const error = await thrownBy(() => hedge(first, { after: 60_000 })("hi"));
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(attemptsOf(error)).toHaveLength(2);
  });

  test("ends all with an abort; nothing is started after it", async () => {
    await using server = await serve(fault.hang);
    const call = hedge(openai.call(model, { client: server.client }, say), { after: 10 });
    const controller = new AbortController();
    const pending = call.with({ signal: controller.signal })("hi");
    while (server.server.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort();
    const error = await thrownBy(() => pending);
    expect(attemptsOf(error)).toHaveLength(2);
    await thrownBy(() => call.with({ signal: AbortSignal.abort() })("hi"));
    const late = await thrownBy(() => call.with({ deadline: 30 })("hi"));
    expect(late).toBeInstanceOf(TimeoutError);
    expect(server.server.requests).toHaveLength(4);
  });

  test("of streams takes the first event and closes the other", async () => {
    await using server = await serve(
      async (answer) => {
        answer.head(200, { "content-type": "text/event-stream" });
        await new Promise(() => {});
      },
      events(...textChunks("Du", "ne")),
    );
    const call = openai.call(model, { client: server.client, stream: true }, say);
    const stream = hedge(call, { after: 20 })("hi");
    expect(await textOf(stream)).toBe("Dune");
    expect(stream.constructCallResponse()).toMatchObject({ leg: 1, attempts: [{ cost: undefined }] });
    await server.server.clientClosed;
  });

  test("counts a leg whose first event or answer came at the same moment", async () => {
    await using server = await serve(events(...textChunks("Du", "ne")));
    const call = hedge(openai.call(model, { client: server.client, stream: true }, say), { after: 0 });
    const streams = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const stream = call("hi");
        expect(await textOf(stream)).toBe("Dune");
        return stream;
      }),
    );
    for (const stream of streams) {
      for (const { cost } of stream.attempts) expect(cost).toBeUndefined();
      expect(stream.attempts.length).toBeLessThanOrEqual(1);
    }
    await using whole = await serve(chat("Dune"));
    const twice = hedge(openai.call(model, { client: whole.client }, say), { after: 0 });
    for (const { attempts, total, cost } of await Promise.all(Array.from({ length: 10 }, () => twice("hi")))) {
      expect(total.requests).toBe(attempts.length + 1);
      const [other] = attempts;
      expect(total.cost).toBe(other === undefined ? cost : other.cost && other.cost + (cost ?? 0));
    }
  });

  test("keeps apart calls that run side by side, and what a budget holds for them", async () => {
    await using server = await serve(chat("x"));
    const purse = budget({ usd: 1, outputTokens: 10 });
    const call = hedge(openai.call(model, { client: server.client }, say), { after: 0 }).with({ layers: [purse] });
    const responses = await Promise.all(Array.from({ length: 20 }, (_, index) => call(String(index))));
    expect(responses.map(({ fnArgs }) => fnArgs[0])).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
    for (const { attempts } of responses) expect(attempts.length).toBeLessThanOrEqual(1);
    expect(purse.reserved).toEqual({ usd: 0, tokens: 0, requests: 0 });
    expect(purse.spent.requests).toBeGreaterThanOrEqual(20);
  });

  test("is refused in a durable scope", async () => {
    await using server = await serve(chat("x"));
    const durable: Layer = { perRequest: true, [kindOfLayer]: "durable", send: (request, next) => next(request) };
    const call = hedge(openai.call(model, { client: server.client }, say), { after: 1 });
    const error = await thrownBy(() => within({ layers: [durable] }, () => call("hi")));
    expect(error).toBeInstanceOf(ConfigError);
    expect(server.server.requests).toHaveLength(0);
  });
});

describe("a tool loop of several calls", () => {
  const add = tool({ name: "add", parameters: z.object({ a: z.number() }), call: ({ a }) => a + 1 });

  test("stays with the leg that answered, and its state names it", async () => {
    await using bad = await serve(failing(500), chat("back again"));
    const uses = claude.answer({ content: [claude.toolUse("t1", "add", { a: 1 })], stop_reason: "tool_use" });
    await using good = await claude.serve(
      fault.inTurn(fault.status(200, uses), fault.status(429), fault.status(200, claude.answer())),
    );
    const first = openai.call(model, { client: bad.client, tools: [add] }, say);
    const second = anthropic.call("claude-haiku-4-5", { client: good.client, tools: [add] }, say);
    const loop = toolLoop(fallback(first, second));
    const run = loop("go");
    const error = await thrownBy(() => run);
    // The second step fails: the first leg is not asked again.
    expect(error).toMatchObject({ status: 429 });
    expect(bad.server.requests).toHaveLength(1);
    expect(run.state).toMatchObject({ provider: "anthropic", leg: 1, status: "running" });
    expect(run.responses).toMatchObject([{ leg: 1, attempts: [{ provider: "openai" }] }]);
    expect(run.attempts).toHaveLength(2);
    const resumed = await loop.resume(JSON.parse(JSON.stringify(run.state)));
    expect([resumed.status, resumed.response?.leg, resumed.state.leg]).toEqual(["done", 1, 1]);
    expect(bad.server.requests).toHaveLength(1);
    expect(good.body(2).messages).toEqual(good.body(1).messages);
    const foreign = { ...run.state, provider: "gemini", leg: 7 } as never;
    expect(await thrownBy(() => loop.resume(foreign))).toBeInstanceOf(ConfigError);
  });

  test("streams by the leg that answers, tells what happens, and is left as any other", async () => {
    await using bad = await serve(failing(429));
    await using good = await serve(events(...toolChunks("add", "1", ['{"a":1}'])), events(...textChunks("Done.")));
    const leg = (client: OpenAI) => openai.call(model, { client, stream: true, tools: [add] }, say);
    const seen: unknown[] = [];
    const layer: Layer = {
      async loop(run, next) {
        seen.push(run.args);
        return next(run);
      },
    };
    const run = toolLoop(fallback(leg(bad.client), leg(good.client)).with({ layers: [layer] }))("go");
    const types = (await collect(run)).map(({ type }) => type);
    expect([...new Set(types)]).toEqual(["chunk", "response", "tool_call", "tool_result"]);
    const { responses, response, cost } = await run;
    expect(responses.map(({ leg: own, attempts }) => [own, attempts.length])).toEqual([
      [1, 1],
      [1, 0],
    ]);
    expect(response?.content).toBe("Done.");
    expect(cost).toBeCloseTo(
      responses.reduce((sum, one) => sum + (one.cost ?? 0), 0),
      9,
    );
    expect(seen).toEqual([["go"]]);
    await using slow = await serve(fault.hang);
    const left = toolLoop(fallback(leg(slow.client), leg(good.client)))("go");
    const steps = left[Symbol.asyncIterator]();
    const pending = steps.next();
    pending.catch(() => {});
    while (slow.server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    void steps.return?.();
    await slow.server.clientClosed;
    expect(await thrownBy(() => left)).toBeDefined();
    expect(good.server.requests).toHaveLength(2);
  });

  test("races its first step alone", async () => {
    const asks = fault.status(200, JSON.stringify(completion({ tool_calls: [toolCall("add", { a: 1 })] })), json);
    await using server = await serve(fault.hang, asks, chat("Done."));
    const loop = toolLoop(hedge(openai.call(model, { client: server.client, tools: [add] }, say), { after: 20 }));
    const result = await loop("go");
    expect([result.status, result.responses.length, server.server.requests.length]).toEqual(["done", 2, 3]);
    expect(result.responses[0]?.attempts).toMatchObject([{ cost: undefined }]);
    expect(result.cost).toBeUndefined();
    expect(result.state.leg).toBe(1);
  });

  test("ends at the deadline of all, and by a leg's own falls back", async () => {
    await using slow = await serve(fault.hang);
    await using good = await serve(chat("Done."));
    const leg = (client: OpenAI) => openai.call(model, { client, tools: [add] }, say);
    const first = leg(slow.client);
    expect((await toolLoop(fallback(first.with({ deadline: 30 }), leg(good.client)))("go")).response?.leg).toBe(1);
    const run = toolLoop(fallback(first, leg(good.client)).with({ deadline: 30 }))("go");
    expect(await thrownBy(() => run)).toBeInstanceOf(TimeoutError);
    expect(run.attempts).toHaveLength(1);
    expect(good.server.requests).toHaveLength(1);
  });
});

test("a plain call and a loop of one tell of no leg", async () => {
  await using server = await startChat(completion({ content: "x" }));
  const call = openai.call(model, { client: server.client }, say);
  expect((await call("hi")).leg).toBeUndefined();
  const { response, state } = await toolLoop(call)("hi");
  expect([response?.leg, "leg" in state]).toEqual([undefined, false]);
});
