import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { answer as anthropicAnswer } from "../../test/support/anthropic-server.ts";
import { completion, startChat, textChunks, toolCall, toolChunks } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import * as google from "../../test/support/gemini-server.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { answer as responsesAnswer, message as responsesMessage } from "../../test/support/responses-server.ts";
import { attemptsOf } from "../contract/attempts.ts";
import { ConfigError } from "../errors/errors.ts";
import { loadHistory, saveHistory } from "../message/history.ts";
import { Messages } from "../message/message.ts";
import type { Message } from "../message/parts.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { gemini } from "../providers/gemini/index.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";
import { toolLoop } from "./tool-loop.ts";
import { ToolLoopError } from "./tool-loop-error.ts";
import type { ToolLoopState } from "./types.ts";

const say = (text: string) => text;
const json = { "content-type": "application/json" };
const given = (body: object) => fault.status(200, JSON.stringify(body), json);
const through = (state: ToolLoopState | undefined) => JSON.parse(JSON.stringify(state)) as ToolLoopState;

function shop() {
  const paid: number[] = [];
  const pay = tool({
    name: "pay",
    parameters: z.object({ usd: z.number() }),
    call: ({ usd }) => {
      paid.push(usd);
      return "paid";
    },
  });
  const remove = tool({
    name: "delete_file",
    parameters: z.object({ path: z.string() }),
    call: ({ path }) => {
      paid.push(path.length);
      return "gone";
    },
  });
  return { paid, pay, remove };
}

const asked = completion({ tool_calls: [toolCall("pay", { usd: 5 }, "1")] });
const done = completion({ content: "Done." });

describe("a run that failed", () => {
  const failures: [name: string, handler: fault.Handler, error: object][] = [
    ["429", fault.status(429, "{}", json), OpenAI.RateLimitError],
    ["400", fault.status(400, "{}", json), OpenAI.BadRequestError],
    ["a 200 that is no answer", fault.status(200, "<html>", { "content-type": "text/html" }), Error],
  ];

  test.each(failures)(
    "[B1] by %s keeps what was paid for; resuming it runs no tool twice",
    async (_, failing, kind) => {
      const { paid, pay } = shop();
      await using server = await fault.startServer(fault.inTurn(given(asked), failing, given(done)));
      const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
      const loop = toolLoop(openai.call("gpt-4o-mini", { client, tools: [pay] }, say));
      const run = loop("go");
      const error = await thrownBy(() => run);
      expect(error).toBeInstanceOf(kind);
      expect(paid).toEqual([5]);
      expect(run.responses).toHaveLength(1);
      expect(attemptsOf(error)).toHaveLength(1);
      expect(run.state).toMatchObject({ version: 2, status: "running", calls: [] });
      const resumed = await loop.resume(through(run.state));
      expect(resumed.status).toBe("done");
      expect(paid).toEqual([5]);
      const [, failed, again] = server.requests.map(({ body }) => body as { messages: object[] });
      expect(again?.messages).toEqual(failed?.messages);
    },
  );

  test("[B1] that was aborted, or whose tool threw, keeps it as well; the tool that threw is not run again", async () => {
    const { paid, pay } = shop();
    const broken = tool({
      name: "broken",
      call: (): string => {
        paid.push(0);
        throw new RangeError("no");
      },
    });
    const both = completion({ tool_calls: [toolCall("broken", {}, "1"), toolCall("pay", { usd: 5 }, "2")] });
    await using server = await startChat(both, done);
    const call = openai.call("m", { client: server.client, tools: [pay, broken] }, say);
    const loop = toolLoop(call, { toolErrors: "throw", concurrency: 1 });
    const run = loop("go");
    expect(await thrownBy(() => run)).toBeInstanceOf(RangeError);
    expect(paid).toEqual([0]);
    expect((await loop.resume(through(run.state))).status).toBe("done");
    expect(paid).toEqual([0, 5]);
    const controller = new AbortController();
    const slow = tool({
      name: "pay",
      parameters: z.object({ usd: z.number() }),
      call: ({ usd }) => {
        paid.push(usd);
        controller.abort();
        return new Promise<never>(() => {});
      },
    });
    await using other = await startChat(asked, done);
    const slowLoop = toolLoop(
      openai.call("m", { client: other.client, tools: [slow] }, say).with({ signal: controller.signal }),
    );
    const aborted = slowLoop("go");
    await thrownBy(() => aborted);
    paid.length = 0;
    const again = toolLoop(openai.call("m", { client: other.client, tools: [pay] }, say));
    const waiting = await again.resume(through(aborted.state));
    // It was begun, and nobody knows how it ended: only a person may run it again.
    expect([waiting.status, waiting.pending, paid]).toEqual([
      "awaiting_approval",
      [{ id: "1", name: "pay", arguments: '{"usd":5}', started: true }],
      [],
    ]);
    expect((await again.resume(waiting.state, { "1": false })).status).toBe("done");
    expect(paid).toEqual([]);
  });

  test("[B7] by too many steps tells what it cost", async () => {
    const { pay } = shop();
    await using server = await startChat(asked);
    const loop = toolLoop(openai.call("gpt-4o-mini", { client: server.client, tools: [pay] }, say), { maxSteps: 2 });
    const run = loop("go");
    const error = (await thrownBy(() => run)) as ToolLoopError;
    expect(error).toMatchObject({ code: "max_steps", inputTokens: 20, outputTokens: 10 });
    expect(error.responses).toHaveLength(2);
    expect(error.cost).toBeGreaterThan(0);
    expect(run.cost).toBe(error.cost);
  });

  test("[B8] is a promise like any other", async () => {
    await using server = await startChat(asked, done);
    const { pay } = shop();
    const loop = toolLoop(openai.call("m", { client: server.client, tools: [pay] }, say));
    const run = loop("go");
    expect(run).toBeInstanceOf(Promise);
    expect(server.requests).toHaveLength(0);
    const seen: string[] = [];
    const { status } = await run.finally(() => seen.push("finally"));
    expect([status, seen]).toEqual(["done", ["finally"]]);
    const failing = toolLoop(openai.call("m", { client: server.client, tools: [] }, () => Promise.reject("x")));
    expect(await failing().catch((reason) => reason)).toBe("x");
  });
});

describe("a conversation of many turns", () => {
  test("[B2] [B3] the system prompt stands once; the turns are neutral, stored, and go on with another provider", async () => {
    const { pay } = shop();
    await using server = await startChat(asked, done, completion({ content: "Again." }));
    const chat = (past: readonly Message[], question: string) => [
      Messages.system("Be brief."),
      ...past,
      Messages.user(question),
    ];
    const agent = toolLoop(openai.call("m", { client: server.client, tools: [pay] }, chat));
    const first = await agent([], "Pay 5.");
    expect(first.turns.map(({ role }) => role)).toEqual(["assistant", "tool", "assistant"]);
    expect(first.conversation.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
    for (const turn of first.turns) expect(turn.content).not.toBeNull();
    const stored = loadHistory(JSON.parse(JSON.stringify(saveHistory(first.conversation))));
    await agent(stored, "And now?");
    const sent = server.bodies[2] as { messages: { role: string }[] };
    expect(sent.messages.filter(({ role }) => role === "system")).toHaveLength(1);
    expect(sent.messages.slice(0, -1)).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "Pay 5." },
      { role: "assistant", content: null, tool_calls: [toolCall("pay", { usd: 5 }, "1")] },
      { role: "tool", tool_call_id: "1", content: "paid" },
      { role: "assistant", content: "Done." },
    ]);
    const elsewhere = await anthropic.call("claude", { callParams: { max_tokens: 10 } }, chat).prepare(stored, "And?");
    expect(elsewhere.request.messages.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
    ]);
  });

  test("a state of version 1 is still read", async () => {
    const { paid, pay } = shop();
    await using server = await startChat(done);
    const history = saveHistory([
      { role: "user", content: "go" },
      { role: "assistant", content: null, tool_calls: [toolCall("pay", { usd: 5 }, "1")] },
    ]);
    const state = {
      version: 1,
      provider: "openai",
      history,
      calls: [{ id: "1", name: "pay", arguments: '{"usd":5}', native: toolCall("pay", { usd: 5 }, "1") }],
      steps: 1,
      tools: ["pay"],
    } as const;
    const loop = toolLoop(openai.call("m", { client: server.client, tools: [pay] }, say));
    expect((await loop.resume(state)).status).toBe("done");
    expect(paid).toEqual([5]);
    expect((server.bodies[0] as { messages: object[] }).messages.at(-1)).toMatchObject({ tool_call_id: "1" });
    expect(await thrownBy(() => loop.resume({ ...state, calls: [] }))).toBeInstanceOf(ConfigError);
  });
});

describe("an end that is none", () => {
  test("[B4] a pause of Anthropic's is sent back, and the loop goes on within its steps", async () => {
    const block = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "x" } };
    const paused = anthropicAnswer({
      content: [{ type: "text", text: "Let me see" }, block],
      stop_reason: "pause_turn",
    });
    await using server = await fault.startServer(fault.inTurn(given(paused), given(anthropicAnswer())));
    const client = new Anthropic({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const call = anthropic.call("claude", { client, tools: [shop().pay] }, say);
    const result = await toolLoop(call)("go");
    expect([result.status, result.response?.content, result.responses.length]).toEqual(["done", "Hello", 2]);
    expect(server.requests[1]?.body).toMatchObject({
      messages: [
        { role: "user", content: "go" },
        { role: "assistant", content: [{ type: "text", text: "Let me see" }, block] },
      ],
    });
    await using still = await fault.startServer(given(paused));
    const other = new Anthropic({ apiKey: "k", baseURL: still.url, maxRetries: 0 });
    const endless = toolLoop(anthropic.call("claude", { client: other, tools: [shop().pay] }, say), { maxSteps: 3 });
    expect(await thrownBy(() => endless("go"))).toMatchObject({ code: "max_steps" });
    expect(still.requests).toHaveLength(3);
  });

  test.each(["MALFORMED_FUNCTION_CALL", "TOO_MANY_TOOL_CALLS", "SAFETY", "MAX_TOKENS"])(
    "[B5] Gemini's %s is an error with the state, never done",
    async (finishReason) => {
      const { paid, pay } = shop();
      const body = google.answer([], { candidates: [{ content: { role: "model" }, finishReason }] });
      await using server = await google.serve(fault.status(200, JSON.stringify(body), json));
      const run = toolLoop(gemini.call(google.asked, { client: server.client, tools: [pay] }, say))("go");
      const error = await thrownBy(() => run);
      expect(error).toBeInstanceOf(ToolLoopError);
      expect(error).toMatchObject({ state: { version: 2 }, responses: [{}] });
      expect(paid).toEqual([]);
    },
  );

  test.each(["length", "content_filter"])("[B5] the chat wire's %s, whole and streamed", async (finish) => {
    const cut = completion({ content: "Half", finish });
    const chunks = [...textChunks("Half")].map((event) =>
      JSON.parse(JSON.stringify(event).replace('"finish_reason":"stop"', `"finish_reason":"${finish}"`)),
    );
    await using server = await startChat(cut, chunks);
    for (const stream of [false, true] as const) {
      const call = openai.call("m", { stream, client: server.client, tools: [shop().pay] }, say);
      const error = await thrownBy(() => toolLoop(call)("go"));
      expect(error).toMatchObject({ code: finish === "length" ? "cut_off" : "blocked", response: { content: "Half" } });
    }
  });

  test("[B5] a call that only the client of the Responses API could answer", async () => {
    const patch = { type: "apply_patch_call", id: "ap_1", call_id: "c1", status: "completed", operation: {} };
    const body = responsesAnswer([responsesMessage("Patching"), patch]);
    await using server = await fault.startServer(given(body));
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const loop = toolLoop(openai.responses.call("m", { client, tools: [shop().pay] }, say));
    expect(await thrownBy(() => loop("go"))).toMatchObject({ code: "unsupported_call" });
  });
});

describe("a decision", () => {
  test("[B6] of two calls without ids each is decided apart; a name alone allows neither", async () => {
    const { paid, remove } = shop();
    const parts = ["/a", "/bc"].map((path) => ({ functionCall: { name: "delete_file", args: { path } } }));
    await using server = await google.serve(
      fault.inTurn(
        fault.status(200, JSON.stringify(google.answer(parts)), json),
        fault.status(200, JSON.stringify(google.answer()), json),
      ),
    );
    const call = gemini.call(google.asked, { client: server.client, tools: [remove] }, say);
    const loop = toolLoop(call, { needsApproval: () => true });
    const { state, pending } = await loop("go");
    expect(pending.map(({ id }) => id)).toEqual(["delete_file#1", "delete_file#2"]);
    const still = await loop.resume(through(state), { delete_file: true });
    expect([still.status, paid]).toEqual(["awaiting_approval", []]);
    const ended = await loop.resume(through(still.state), { "delete_file#1": false, "delete_file#2": true });
    expect([ended.status, paid]).toEqual(["done", [3]]);
    const results = (server.body(1).contents as { parts: object[] }[]).at(-1)?.parts;
    expect(results).toMatchObject([
      { functionResponse: { name: "delete_file", response: { error: "The user denied this call." } } },
      { functionResponse: { name: "delete_file" } },
    ]);
  });

  test("[B6] by a name allows only the one call of that name that has no id", async () => {
    const { paid, pay } = shop();
    const two = completion({ tool_calls: [toolCall("pay", { usd: 1 }, "1"), toolCall("pay", { usd: 2 }, "2")] });
    await using server = await startChat(two, done);
    const loop = toolLoop(openai.call("m", { client: server.client, tools: [pay] }, say), {
      needsApproval: () => true,
    });
    const { state } = await loop("go");
    expect((await loop.resume(through(state), { pay: true })).status).toBe("awaiting_approval");
    expect(paid).toEqual([]);
    expect((await loop.resume(through(state), { "2": true, "1": { denied: "No." } })).status).toBe("done");
    expect(paid).toEqual([2]);
  });

  test("[G5] a store that takes an id once keeps a state from being resumed twice", async () => {
    const { paid, pay } = shop();
    await using server = await startChat(asked, done);
    const taken = new Set<string>();
    const claim = (id: string) => !taken.has(id) && Boolean(taken.add(id));
    const call = openai.call("m", { client: server.client, tools: [pay] }, say);
    const loop = toolLoop(call, { needsApproval: () => true, claim });
    const { state } = await loop("go");
    const ended = await Promise.allSettled([1, 2].map(() => loop.resume(through(state), { "1": true })));
    expect(ended.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(paid).toEqual([5]);
  });
});

test("[B10] a turn of many calls runs no more at once than is allowed", async () => {
  let [running, most] = [0, 0];
  const work = tool({
    name: "work",
    call: async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return "ok";
    },
  });
  const calls = Array.from({ length: 40 }, (_, index) => toolCall("work", {}, String(index)));
  await using server = await startChat(completion({ tool_calls: calls }), done);
  const loop = toolLoop(openai.call("m", { client: server.client, tools: [work] }, say), { concurrency: 4 });
  await loop("go");
  expect(most).toBe(4);
  expect((server.bodies[1] as { messages: object[] }).messages).toHaveLength(42);
  expect(() => toolLoop(openai.call("m", say), { concurrency: 0 })).toThrow("`concurrency` is a whole number");
});

test("a streamed run that is left closes its connection at once, also while an event is waited for", async () => {
  await using server = await fault.startServer(async (answer) => {
    answer.head(200, { "content-type": "text/event-stream" });
    await answer.write(fault.sse(toolChunks("pay", "1", [])[0] as object).join(""));
  });
  const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
  const run = toolLoop(openai.call("m", { stream: true, client, tools: [shop().pay] }, say))("go");
  const events = run[Symbol.asyncIterator]();
  await events.next();
  const pending = events.next();
  pending.catch(() => {});
  events.return?.();
  await server.clientClosed;
  expect(await thrownBy(() => run)).toBeDefined();
});
