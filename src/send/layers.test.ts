import diagnostics from "node:diagnostics_channel";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { chunk, completion, startChat, textChunks, toolCall } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { call as anyCall } from "../any-provider.ts";
import { attemptsOf } from "../contract/attempts.ts";
import { kindOfLayer, type Layer, type Outgoing } from "../contract/layer.ts";
import { ConfigError, ResponseError, TimeoutError } from "../errors/errors.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { openai } from "../providers/openai/index.ts";
import { StreamError } from "../read/stream-error.ts";
import { tool } from "../tools/tool.ts";
import { ambient, within } from "./scope.ts";

const say = (text: string) => text;

/** A layer that writes down when it is asked and when it is done. */
function noting(name: string, log: string[], more: Partial<Layer> = {}): Layer {
  return {
    name,
    async send(request, next) {
      log.push(`> ${name}`);
      const received = await next(request);
      log.push(`< ${name}`);
      return received;
    },
    ...more,
  };
}

describe("layers around a request", () => {
  test("stand in the order of their scope, option and with; those next to the provider inside, by kind", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    const log: string[] = [];
    const next = (name: string, kind?: Layer[typeof kindOfLayer]) =>
      noting(name, log, { perRequest: true, ...(kind && { [kindOfLayer]: kind }) });
    const layers = [next("tape", "answers"), noting("option", log), next("own"), next("budget", "budget")];
    const call = openai.call("m", { client: server.client, layers }, say);
    const asked = () => call.with({ layers: [noting("with", log), next("limit", "limit"), next("inner own")] })("hi");
    await within({ layers: [noting("outer", log), next("outer own")] }, () =>
      within({ layers: [noting("inner", log)] }, asked),
    );
    expect(log.filter((line) => line.startsWith(">")).map((line) => line.slice(2))).toEqual([
      "outer",
      "inner",
      "option",
      "with",
      "budget",
      "limit",
      "inner own",
      "own",
      "outer own",
      "tape",
    ]);
    expect(log.at(-1)).toBe("< outer");
    expect(server.bodies).toEqual([{ model: "m", messages: [{ role: "user", content: "hi" }] }]);
  });

  test("see the prepared call and what the answer says, and may add headers whose values nobody sees", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    const seen: Outgoing[] = [];
    const layer: Layer = {
      async send(request, next) {
        const more = request.withHeaders({ "x-a": "secret" });
        seen.push(request, more);
        const received = await next(more);
        expect(request.read(received)).toMatchObject({ content: "Dune", inputTokens: 10, stopReason: "stop" });
        return received;
      },
    };
    const response = await openai.call("gpt-4o-mini", { client: server.client, layers: [layer] }, say)("hi");
    expect(response.content).toBe("Dune");
    expect(response.response).toMatchObject({ object: "chat.completion" });
    const [first, more] = seen as [Outgoing, Outgoing];
    expect(first).toMatchObject({ provider: "openai", model: "gpt-4o-mini", purpose: "call", attempt: 1 });
    expect(first.prepared.request).toEqual({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] });
    expect([first.headers["x-a"], more.headers["x-a"]]).toEqual([undefined, "secret"]);
    expect(inspect(more, { depth: 9 }) + JSON.stringify(more)).not.toContain("secret");
    expect(server.requests[0]?.headers["x-a"]).toBe("secret");
  });

  test("answer by themselves, ask again, change the request, or prepare another", async () => {
    await using server = await startChat(completion({ content: "one" }), completion({ content: "two" }));
    const layer: Layer = {
      async send(request, next) {
        await next(request);
        const other = await request.prepare("bye");
        return next(other.with({ request: { ...other.prepared.request, temperature: 0 } }));
      },
    };
    const call = openai.call("m", { client: server.client, layers: [layer] }, say);
    expect((await call("hi")).content).toBe("two");
    expect(server.bodies[1]).toEqual({ model: "m", messages: [{ role: "user", content: "bye" }], temperature: 0 });
    const itself: Layer = { send: async () => ({ response: completion({ content: "mine" }) }) };
    const response = await call.with({ layers: [itself] })("hi");
    expect(response.content).toBe("mine");
    expect(response.endTime).toBeGreaterThanOrEqual(response.startTime);
    expect(server.requests).toHaveLength(2);
  });

  test("see a 200 that is no answer fail, with the error as it is thrown without them", async () => {
    const html = fault.status(200, "<html>", { "content-type": "text/html" });
    await using server = await fault.startServer(html);
    const { default: OpenAI } = await import("openai");
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const errors: unknown[] = [];
    const layer: Layer = {
      send: (request, next) =>
        next(request).catch((error) => {
          errors.push(error);
          throw error;
        }),
    };
    const thrown = await thrownBy(() => openai.call("m", { client, layers: [layer] }, say)("hi"));
    expect(thrown).toBeInstanceOf(ResponseError);
    expect(errors).toEqual([thrown]);
    expect(attemptsOf(thrown)).toMatchObject([{ provider: "openai", model: "m", content: "", error: thrown }]);
    expect([attemptsOf(undefined), attemptsOf(new Error("x"))]).toEqual([[], []]);
  });

  test("switch the SDK's own retries off for one request", async () => {
    await using server = await fault.startServer(fault.status(500, "{}", { "retry-after": "0" }));
    const { default: OpenAI } = await import("openai");
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 2 });
    const layer: Layer = { send: (request, next) => next(request.with({ sdkRetries: false })) };
    const call = openai.call("m", { client }, say);
    await thrownBy(() => call("hi"));
    expect(server.requests).toHaveLength(3);
    await thrownBy(() => call.with({ layers: [layer] })("hi"));
    expect(server.requests).toHaveLength(4);
  });

  test("that are none are refused before any request", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const client = server.client;
    expect(() => openai.call("m", { layers: {} as never }, say)).toThrow("`layers` is an array of layers");
    expect(() => openai.call("m", { layers: [null as never] }, say)).toThrow("Layer 0 is null");
    expect(() => openai.call("m", { layers: [{ sned: () => 1 } as never] }, say)).toThrow('no member "sned"');
    expect(() => openai.call("m", { layers: [{ send: 1 } as never] }, say)).toThrow("not a function");
    expect(() => within({ layers: [{}] }, () => 1)).toThrow("it would do nothing");
    expect(() => within({ layer: [] } as never, () => 1)).toThrow('no override "layer"');
    expect(() => within({}, 7 as never)).toThrow("runs a function");
    const silent: Layer = { name: "silent", send: async () => undefined as never };
    const call = openai.call("m", { client, layers: [silent] }, say);
    expect(await thrownBy(() => call("hi"))).toMatchObject({
      message: expect.stringContaining("silent gave no answer"),
    });
    const foreign: Layer = { send: (request, next) => next({ ...request } as Outgoing) };
    expect(await thrownBy(() => openai.call("m", { client, layers: [foreign] }, say)("hi"))).toBeInstanceOf(
      ConfigError,
    );
    expect(server.requests).toHaveLength(0);
  });
});

describe("layers around a stream", () => {
  const through: Layer = {
    async *stream(request, next) {
      for await (const event of next(request)) yield event;
    },
  };
  const contents = async (stream: AsyncIterable<readonly [{ content: string }, unknown]>) =>
    (await collect(stream)).map(([step]) => step.content).join("|");

  test("hand on events, which were folded once; what is told beside them is there before the first", async () => {
    await using server = await startChat(textChunks("Du", "ne"));
    const heads: unknown[] = [];
    const layer: Layer = {
      async *stream(request, next) {
        const events = next(request);
        for await (const event of events) {
          heads.push(events.head);
          yield event;
        }
      },
    };
    const read: object[] = [];
    const { provider } = openai;
    const counting = {
      ...provider,
      readChunk: (...args: Parameters<typeof provider.readChunk>) => {
        read.push(args[0]);
        return provider.readChunk(...args);
      },
    };
    const { createCall } = await import("../call/call.ts");
    const stream = createCall(counting)("m", { stream: true, client: server.client, layers: [layer, through] }, say)(
      "hi",
    );
    expect(await contents(stream)).toBe("Du|ne||");
    expect(read).toHaveLength(4);
    expect(heads).toHaveLength(4);
    expect(stream.constructCallResponse().content).toBe("Dune");
  });

  test("may leave out, change and make events: the answer is what was shown", async () => {
    await using server = await startChat(textChunks("Du", "ne", "!"));
    const client = server.client;
    const layer: Layer = {
      async *stream(request, next) {
        let count = 0;
        for await (const event of next(request)) {
          if (++count === 2) yield chunk({ content: "NE" });
          else if (count !== 3) yield event;
        }
      },
    };
    const stream = openai.call("m", { stream: true, client, layers: [layer] }, say)("hi");
    expect(await contents(stream)).toBe("Du|NE||");
    expect(stream.constructCallResponse()).toMatchObject({ content: "DuNE", inputTokens: 10 });
    const own: Layer = {
      async *stream() {
        yield* textChunks("mine");
      },
    };
    const made = openai.call("m", { stream: true, client, layers: [own] }, say)("hi");
    expect(await contents(made)).toBe("mine||");
    expect(made.constructCallResponse().outputTokens).toBe(5);
    expect(server.requests).toHaveLength(1);
  });

  test("that end before the answer is whole do not make it whole", async () => {
    await using server = await startChat(textChunks("Du", "ne"));
    const layer: Layer = {
      async *stream(request, next) {
        for await (const event of next(request)) {
          yield event;
          return;
        }
      },
    };
    const stream = openai.call("m", { stream: true, client: server.client, layers: [layer] }, say)("hi");
    expect(await thrownBy(() => collect(stream))).toMatchObject({ code: "stream_ended_early" });
    expect(stream.content).toBe("Du");
  });

  test("see a stream that ends early fail, so that they can ask again", async () => {
    const cut = [chunk({ content: "Du" })];
    await using server = await startChat(cut, textChunks("Emma"));
    const errors: unknown[] = [];
    const again: Layer = {
      async *stream(request, next) {
        try {
          for await (const _ of next(request));
        } catch (error) {
          errors.push(error);
        }
        yield* next(request);
      },
    };
    const stream = openai.call("m", { stream: true, client: server.client, layers: [again] }, say)("hi");
    expect(await contents(stream)).toBe("Emma||");
    expect(errors).toMatchObject([{ code: "stream_ended_early", partial: { content: "Du" } }]);
    expect(errors[0]).toBeInstanceOf(StreamError);
    expect(stream.constructCallResponse().content).toBe("Emma");
  });

  test("hear at once that a stream is left, also while an event is waited for", async () => {
    const open = fault.startServer(async (answer) => {
      answer.head(200, { "content-type": "text/event-stream" });
      answer.write(`data: ${JSON.stringify(chunk({ content: "Du" }))}\n\n`);
    });
    await using server = await open;
    const { default: OpenAI } = await import("openai");
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    let signal: AbortSignal | undefined;
    const layer: Layer = {
      stream(request, next) {
        signal = request.signal;
        return through.stream?.(request, next) as AsyncIterable<object>;
      },
    };
    const stream = openai.call("m", { stream: true, client, layers: [layer] }, say)("hi");
    const steps = stream[Symbol.asyncIterator]();
    expect((await steps.next()).done).toBe(false);
    const pending = steps.next();
    await steps.return?.();
    expect(signal?.aborted).toBe(true);
    expect(await pending).toEqual({ done: true, value: undefined });
    await server.clientClosed;
    expect(stream.content).toBe("Du");
  });
});

describe("layers around tools, calls and loops", () => {
  const add = tool({ name: "add", parameters: z.object({ a: z.number() }), call: ({ a }) => a + 1 });
  const asked = completion({ tool_calls: [toolCall("add", { a: 1 })] });

  test("see each run, may change its result, and each request says what it is for", async () => {
    await using server = await startChat(asked, completion({ content: "Done." }));
    const log: unknown[] = [];
    const layer: Layer = {
      send(request, next) {
        log.push(request.purpose);
        return next(request);
      },
      tool: async (use, next) => {
        log.push([use.name, use.id, use.input]);
        return Number(await next(use)) * 10;
      },
      loop: async (run, next) => {
        log.push(["loop", ...run.args]);
        const end = await next(run);
        log.push([end.status, end.responses.length]);
        return end;
      },
    };
    const call = openai.call("m", { client: server.client, tools: [add], layers: [layer] }, say);
    const run = toolLoop(call)("go");
    expect((await collect(run)).map(({ type }) => type)).toEqual(["response", "tool_call", "tool_result", "response"]);
    expect((await run).response?.content).toBe("Done.");
    expect(log).toEqual([["loop", "go"], "step", ["add", "call_1", '{"a":1}'], "step", ["done", 2]]);
    expect((server.bodies[1] as { messages: object[] }).messages.at(-1)).toMatchObject({ content: "20" });
  });

  test("give a call other arguments, or its value another form", async () => {
    await using server = await startChat(completion({ content: "Dune" }));
    const layer: Layer = {
      async call(use, next) {
        const { value, response } = await next({ ...use, args: [`${use.args[0]}!`] });
        return { value: { title: (value as { content: string }).content }, response };
      },
    };
    const call = openai.call("m", { client: server.client, layers: [layer] }, say);
    const { value, response } = await call("hi").withResponse();
    expect(value).toEqual({ title: "Dune" });
    expect(response.fnArgs).toEqual(["hi!"]);
    expect(server.bodies).toEqual([{ model: "m", messages: [{ role: "user", content: "hi!" }] }]);
  });
});

// checklist: 147
describe("a scope", () => {
  test("that is left gives back the outer one, also after an error; its layers and with()'s stay around", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const log: string[] = [];
    const call = openai.call("m", { client: server.client, layers: [noting("option", log)] }, say);
    await within({ headers: { "x-a": "outer" }, layers: [noting("outer", log)] }, async () => {
      await within({ headers: { "x-a": "inner" } }, () => call("one"));
      await call("two");
      await thrownBy(() =>
        within({ headers: { "x-a": "inner" } }, async () => {
          throw new Error("left");
        }),
      );
      await call.with({ callParams: { temperature: 0 } })("three");
      // An inner value takes back an outer one, and only there.
      await within({ layers: null, headers: null }, () => call("four"));
      await call("five");
    });
    await call("six");
    const seen = server.requests.map(({ headers }) => headers["x-a"]);
    expect(seen).toEqual(["inner", "outer", "outer", undefined, "outer", undefined]);
    expect(log.filter((line) => line.startsWith(">")).map((line) => line.slice(2))).toEqual([
      ...Array(3).fill(["outer", "option"]).flat(),
      "option",
      "outer",
      "option",
      "option",
    ]);
  });

  test("without AsyncLocalStorage is refused with what to do instead, and calls go on by with()", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const call = openai.call("m", { client: server.client }, say);
    const { storage } = ambient;
    const { getBuiltinModule } = process;
    try {
      ambient.storage = undefined;
      process.getBuiltinModule = (() => undefined) as never;
      expect(() => within({ headers: { "x-a": "1" } }, () => call("one"))).toThrow("to each call by .with()");
      await call.with({ headers: { "x-a": "2" } })("two");
    } finally {
      process.getBuiltinModule = getBuiltinModule;
      ambient.storage = storage;
    }
    expect(server.requests.map(({ headers }) => headers["x-a"])).toEqual(["2"]);
  });

  test("reaches what is called inside, wherever it is awaited; with() wins, null unsets", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const call = openai.call("m", { client: server.client }, say);
    const { pending } = within({ headers: { "x-a": "1", "x-b": "1" } }, () => ({
      pending: call.with({ headers: { "x-b": "2" } })("one"),
    }));
    await pending;
    await call("two");
    await within({ headers: { "x-a": "1" } }, () => within({ headers: null }, () => call("three")));
    expect(server.requests.map(({ headers }) => [headers["x-a"], headers["x-b"]])).toEqual([
      ["1", "2"],
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(within({}, () => 7)).toBe(7);
  });

  test("never sees another that runs beside it", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const call = openai.call("m", { client: server.client }, say);
    const one = (n: string) =>
      within({ headers: { "x-n": n } }, async () => {
        await new Promise((resolve) => setTimeout(resolve, 5 - Number(n)));
        await call(n);
      });
    await Promise.all(["0", "1", "2", "3"].map(one));
    const seen = server.requests.map(({ headers }, index) => [
      headers["x-n"],
      (server.bodies[index] as { messages: { content: string }[] }).messages[0]?.content,
    ]);
    for (const [header, content] of seen) expect(header).toBe(content);
  });

  test("gives calls of the root their model and parameters, which with() overrides; a subpath's ignore them", async () => {
    await using server = await startChat(completion({ content: "x" }));
    const call = anyCall("anthropic/claude", { callParams: { temperature: 1, seed: 1 } as never }, () => "hi");
    const scope = { model: "openai/gpt-4o", callParams: { temperature: 0, topP: 0.5 } };
    const prepared = await within(scope, () => call.with({ callParams: { topP: 0.9 } }).prepare());
    expect([prepared.provider, prepared.model, prepared.callParams]).toEqual([
      "openai",
      "gpt-4o",
      { temperature: 0, seed: 1, topP: 0.9 },
    ]);
    expect((await within(scope, () => call.with({ model: "groq/llama" }).prepare())).model).toBe("llama");
    const own = openai.call("m", { client: server.client }, say);
    await within(scope, () => own("hi"));
    expect(server.bodies).toEqual([{ model: "m", messages: [{ role: "user", content: "hi" }] }]);
  });

  test("ends what is called in it by its signal and by the sooner deadline", async () => {
    await using server = await fault.startServer(() => new Promise(() => {}));
    const { default: OpenAI } = await import("openai");
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const call = openai.call("m", { client }, say);
    const late = await thrownBy(() => within({ deadline: 500 }, () => call.with({ deadline: 60_000 })("hi")));
    expect(late).toBeInstanceOf(TimeoutError);
    expect((late as Error).message).toContain("for the whole call");
    const reason = new Error("enough");
    expect(await thrownBy(() => within({ signal: AbortSignal.abort(reason) }, () => call("hi")))).toBe(reason);
    expect(server.requests).toHaveLength(1);
    expect(() => within({ deadline: 0 }, () => 1)).toThrow("`deadline` is a time in milliseconds");
  });
});

test("Node's diagnostics channels are told what layers see; without a subscriber nothing is", async () => {
  await using server = await startChat(completion({ content: "Dune" }));
  const call = openai.call("m", { client: server.client }, say);
  const heard: string[] = [];
  const subscribers = {
    start: (message: object) => heard.push(`start ${(message as { request: Outgoing }).request.model}`),
    asyncEnd: (message: object) => heard.push(`end ${Object.keys(message).sort().join()}`),
    end() {},
    asyncStart() {},
    error() {},
  };
  const channel = diagnostics.tracingChannel("callscope:request");
  channel.subscribe(subscribers);
  await call("hi");
  channel.unsubscribe(subscribers);
  await call("hi");
  expect(heard).toEqual(["start m", "end request,result"]);
});
