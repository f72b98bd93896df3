import { describe, expect, test } from "vitest";
import * as z from "zod";
import { completion, startChat, textChunks, toolCall, toolChunks } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { ConfigError } from "../errors/errors.ts";
import { loadHistory } from "../message/history.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";
import { toolLoop } from "./tool-loop.ts";
import { ToolLoopError } from "./tool-loop-error.ts";

const calls = (...made: object[]): object => completion({ tool_calls: made });
const done = completion({ content: "Done." });

function kit() {
  const ran: unknown[] = [];
  const note = <T>(what: unknown, result: T): T => {
    ran.push(what);
    return result;
  };
  const add = tool({ name: "add", parameters: z.object({ a: z.number() }), call: ({ a }) => note(a, a + 1) });
  const pay = tool({
    name: "pay",
    parameters: z.object({ usd: z.number() }),
    call: ({ usd }) => note(`$${usd}`, "paid"),
  });
  const fail = tool({
    name: "fail",
    call: (): string => {
      throw new Error("broken");
    },
  });
  return { ran, tools: [add, pay, fail] as const };
}

const say = (text: string) => text;

describe("a tool loop", () => {
  test("calls, executes side by side, sends back and ends in the answer", async () => {
    const { ran, tools } = kit();
    await using server = await startChat(
      calls(toolCall("add", { a: 1 }, "1"), toolCall("add", { a: 2 }, "2")),
      calls(toolCall("add", { a: 5 }, "3")),
      done,
    );
    const result = await toolLoop(openai.call("gpt-4o-mini", { client: server.client, tools }, say))("go");
    expect(result.status).toBe("done");
    expect(result.response?.content).toBe("Done.");
    expect(ran).toEqual([1, 2, 5]);
    expect(result.responses).toHaveLength(3);
    expect([result.inputTokens, result.outputTokens]).toEqual([30, 15]);
    expect(result.cost).toBeCloseTo((result.response?.cost ?? 0) * 3, 12);
    expect(server.bodies[2]?.messages).toEqual([
      { role: "user", content: "go" },
      {
        role: "assistant",
        content: null,
        tool_calls: [toolCall("add", { a: 1 }, "1"), toolCall("add", { a: 2 }, "2")],
      },
      { role: "tool", tool_call_id: "1", content: "2" },
      { role: "tool", tool_call_id: "2", content: "3" },
      { role: "assistant", content: null, tool_calls: [toolCall("add", { a: 5 }, "3")] },
      { role: "tool", tool_call_id: "3", content: "6" },
    ]);
  });

  test("can be watched", async () => {
    const { tools } = kit();
    await using server = await startChat(calls(toolCall("add", { a: 1 })), done);
    const run = toolLoop(openai.call("m", { client: server.client, tools }, say))("go");
    expect(server.requests).toHaveLength(0);
    const events = await collect(run);
    expect(events.map(({ type }) => type)).toEqual(["response", "tool_call", "tool_result", "response"]);
    expect(events[2]).toEqual({
      type: "tool_result",
      id: "call_1",
      name: "add",
      output: "2",
      isError: false,
      value: 2,
    });
    expect((await run).status).toBe("done");
    expect(await thrownBy(() => collect(run))).toBeInstanceOf(ConfigError);
  });

  test("gives the whole conversation, to go on in a next call; the run itself is done", async () => {
    const { tools } = kit();
    await using server = await startChat(calls(toolCall("add", { a: 1 })), done);
    const call = openai.call("m", { client: server.client, tools }, say);
    const { state } = await toolLoop(call)("go");
    expect(loadHistory(state.history).map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
    expect(loadHistory(state.history).at(-1)?.content).toBe("Done.");
    expect(await thrownBy(() => toolLoop(call).resume(state))).toBeInstanceOf(ConfigError);
    expect(server.requests).toHaveLength(2);
  });

  test("refuses what is no option, no number of steps and no call", () => {
    const call = openai.call("m", { tools: kit().tools }, say);
    for (const maxSteps of [0, -1, Number.NaN, 1.5]) {
      expect(() => toolLoop(call, { maxSteps })).toThrow("`maxSteps` is a whole number from 1");
    }
    expect(() => toolLoop(call, { maxStep: 3 } as never)).toThrow('no option "maxStep"');
    expect(() => toolLoop(say as never)).toThrow(ConfigError);
    expect(() => toolLoop(call, { maxSteps: undefined })).not.toThrow();
  });

  test("streams", async () => {
    const { ran, tools } = kit();
    await using server = await startChat(toolChunks("add", "1", ['{"a"', ":1}"]), textChunks("Do", "ne."));
    const run = toolLoop(openai.call("m", { stream: true, client: server.client, tools }, say))("go");
    const text = (await collect(run)).map((event) => (event.type === "chunk" ? event.chunk.content : "")).join("");
    expect(text).toBe("Done.");
    expect(ran).toEqual([1]);
    expect((await run).response?.content).toBe("Done.");
  });

  test("stops at a number of steps that is on by default, and can be resumed", async () => {
    const { ran, tools } = kit();
    await using server = await startChat(calls(toolCall("add", { a: 1 })));
    const loop = toolLoop(openai.call("m", { client: server.client, tools }, say));
    const error = (await thrownBy(() => loop("go"))) as ToolLoopError;
    expect(error).toBeInstanceOf(ToolLoopError);
    expect(error.code).toBe("max_steps");
    expect(server.requests).toHaveLength(10);
    expect(ran).toHaveLength(9);
    const two = toolLoop(openai.call("m", { client: server.client, tools }, say), { maxSteps: 2 });
    expect(await thrownBy(() => two("go"))).toMatchObject({ message: "The model still calls tools after 2 steps." });
    await using other = await startChat(done);
    const more = toolLoop(openai.call("m", { client: other.client, tools }, say));
    expect((await more.resume(JSON.parse(JSON.stringify(error.state)))).status).toBe("done");
    expect(ran.length).toBe(11);
  });

  test("tells the model what went wrong with a call, and goes on", async () => {
    const { tools } = kit();
    const made = [
      toolCall("fail", {}, "1"),
      toolCall("nope", {}, "2"),
      toolCall("add", { a: "x" }, "3"),
      toolCall("add", "{", "4"),
    ];
    await using server = await startChat(calls(...made), done);
    await toolLoop(openai.call("m", { client: server.client, tools }, say))("go");
    const { messages } = server.bodies[1] as { messages: { role: string; content: string }[] };
    expect(messages.filter(({ role }) => role === "tool").map(({ content }) => content)).toEqual([
      "broken",
      expect.stringContaining('"nope", which does not exist; offered: add, pay, fail'),
      expect.stringContaining("cannot be used: a: "),
      expect.stringContaining("they are not JSON"),
    ]);
  });

  test("or throws a tool's own error, untouched", async () => {
    const { tools } = kit();
    await using server = await startChat(calls(toolCall("fail", {})));
    const loop = toolLoop(openai.call("m", { client: server.client, tools }, say), { toolErrors: "throw" });
    expect(await thrownBy(() => loop("go"))).toMatchObject({ message: "broken" });
  });

  test("executes nothing that was cut off", async () => {
    const { ran, tools } = kit();
    await using server = await startChat(completion({ tool_calls: [toolCall("add", { a: 1 })], finish: "length" }));
    const error = await thrownBy(() => toolLoop(openai.call("m", { client: server.client, tools }, say))("go"));
    expect(error).toMatchObject({ code: "cut_off" });
    expect(ran).toEqual([]);
  });

  test("runs a tool once although the request was retried", async () => {
    const { ran, tools } = kit();
    const json = { "content-type": "application/json" };
    const answers = [calls(toolCall("add", { a: 1 })), done].map((one) => fault.status(200, JSON.stringify(one), json));
    await using server = await fault.startServer(
      fault.inTurn(answers[0]!, fault.status(500, "{}", { ...json, "retry-after": "0" }), answers[1]!),
    );
    const { default: OpenAI } = await import("openai");
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 1 });
    await toolLoop(openai.call("m", { client, tools }, say))("go");
    expect(ran).toEqual([1]);
    expect(server.requests).toHaveLength(3);
  });

  test("ends at once when it is aborted, also within a tool", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    let heard: AbortSignal | undefined;
    const wait = tool({
      name: "wait",
      call: (_, { signal }) => {
        heard = signal;
        return new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason as Error));
          controller.abort(reason);
        });
      },
    });
    await using server = await startChat(calls(toolCall("wait", {})), done);
    const loop = toolLoop(
      openai.call("m", { client: server.client, tools: [wait] }, say).with({ signal: controller.signal }),
    );
    expect(await thrownBy(() => loop("go"))).toBe(reason);
    expect(heard?.aborted).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  test("needs the responses themselves", () => {
    const call = openai.call("m", { responseModel: z.object({}) }, say);
    expect(() => toolLoop(call as never)).toThrow(ConfigError);
  });

  test("that is left early says so to whoever awaits it", async () => {
    const { tools } = kit();
    await using server = await startChat(calls(toolCall("add", { a: 1 })), done);
    const run = toolLoop(openai.call("m", { client: server.client, tools }, say))("go");
    for await (const _ of run) break;
    expect(await thrownBy(() => run)).toMatchObject({ message: expect.stringContaining("left before its end") });
  });
});

describe("a person's approval", () => {
  const start = async () => {
    const { ran, tools } = kit();
    const server = await startChat(calls(toolCall("add", { a: 1 }, "1"), toolCall("pay", { usd: 5 }, "2")), done);
    const call = openai.call("m", { client: server.client, tools }, say);
    const loop = toolLoop(call, { needsApproval: ({ name }) => name === "pay" });
    const result = await loop("go");
    return { server, ran, loop, result };
  };

  test("is told of the model's own mistake, and of nobody else's", async () => {
    const { tools } = kit();
    const broken = calls(toolCall("add", { a: "x" }, "1"));
    await using server = await startChat(broken, done, broken, broken);
    const call = openai.call("m", { client: server.client, tools }, say);
    const reading = { needsApproval: ({ args }: { args: unknown }) => args === undefined };
    expect((await toolLoop(call, reading)("go")).status).toBe("done");
    const other = await call("go");
    // The arguments it reads are those of another answer: that is an error of the program, not of this call.
    const loop = toolLoop(call, { needsApproval: () => other.tool?.args === undefined });
    expect(await thrownBy(() => loop("go"))).toMatchObject({
      code: "invalid_arguments",
      toolCall: other.tool?.toolCall,
    });
    expect(server.requests).toHaveLength(4);
  });

  test("stops the run, everything else done, and resumes it from JSON", async () => {
    const { server, ran, loop, result } = await start();
    await using _ = server;
    expect(result.status).toBe("awaiting_approval");
    expect(result.pending).toEqual([{ id: "2", name: "pay", arguments: '{"usd":5}' }]);
    expect(ran).toEqual([1]);
    const state = JSON.parse(JSON.stringify(result.state)) as typeof result.state;
    const resumed = await loop.resume(state, { "2": true });
    expect(resumed.status).toBe("done");
    expect(ran).toEqual([1, "$5"]);
    const { messages } = server.bodies[1] as { messages: object[] };
    expect(messages.slice(-2)).toEqual([
      { role: "tool", tool_call_id: "1", content: "2" },
      { role: "tool", tool_call_id: "2", content: "paid" },
    ]);
  });

  test.each([
    [false, "The user denied this call."],
    [{ denied: "Too dear." }, "Too dear."],
  ])("that is %j executes nothing and tells the model", async (decision, told) => {
    const { server, ran, loop, result } = await start();
    await using _ = server;
    await loop.resume(result.state, { pay: decision });
    expect(ran).toEqual([1]);
    expect((server.bodies[1] as { messages: object[] }).messages.at(-1)).toEqual({
      role: "tool",
      tool_call_id: "2",
      content: told,
    });
  });

  test("that has not come yet keeps the run waiting", async () => {
    const { server, ran, loop, result } = await start();
    await using _ = server;
    const wrong = await thrownBy(() => loop.resume(result.state, { call_999: true }));
    expect((wrong as Error).message).toContain(
      'a decision about "call_999", which no call of the state is. Its calls: ',
    );
    const still = await loop.resume(result.state);
    expect(still.status).toBe("awaiting_approval");
    expect(still.pending).toHaveLength(1);
    expect((await loop.resume(still.state, { "2": true })).status).toBe("done");
    expect(ran).toEqual([1, "$5"]);
    expect(server.requests).toHaveLength(2);
  });

  test("of a state that is none is refused", async () => {
    const { server, loop, result } = await start();
    await using _ = server;
    expect(await thrownBy(() => loop.resume({} as never))).toBeInstanceOf(ConfigError);
    expect(await thrownBy(() => loop.resume({ ...result.state, provider: "other" }))).toBeInstanceOf(ConfigError);
  });
});

test("an approval that looks at arguments that do not fit tells the model, not the caller", async () => {
  const { ran, tools } = kit();
  await using server = await startChat(calls(toolCall("pay", { usd: "lots" })), done);
  const loop = toolLoop(openai.call("m", { client: server.client, tools }, say), {
    needsApproval: (use) => use.name === "pay" && use.args.usd > 100,
  });
  expect((await loop("go")).status).toBe("done");
  expect((server.bodies[1] as { messages: { content: string }[] }).messages.at(-1)?.content).toContain(
    "cannot be used",
  );
  expect(ran).toEqual([]);
});

test("an abort ends the run although a tool does not listen", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const deaf = tool({
    name: "deaf",
    call: () => {
      setTimeout(() => controller.abort(reason), 5);
      return new Promise<never>(() => {});
    },
  });
  await using server = await startChat(calls(toolCall("deaf", {})));
  const loop = toolLoop(
    openai.call("m", { client: server.client, tools: [deaf] }, say).with({ signal: controller.signal }),
  );
  expect(await thrownBy(() => loop("go"))).toBe(reason);
});

test("a run is not resumed without the tools it offered", async () => {
  const { tools } = kit();
  await using server = await startChat(calls(toolCall("pay", { usd: 5 }, "1")), done);
  const dynamic = openai.call("m", { client: server.client }, () => ({ messages: "go", tools }));
  const loop = toolLoop(dynamic, { needsApproval: () => true });
  const { state } = await loop();
  expect(await thrownBy(() => loop.resume(state, { "1": true }))).toMatchObject({
    message: expect.stringContaining("add, pay, fail"),
  });
  const again = toolLoop(dynamic.with({ tools }));
  expect((await again.resume(state, { "1": true })).status).toBe("done");
});
