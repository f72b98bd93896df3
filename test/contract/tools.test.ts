import { describe, expect, test } from "vitest";
import { z } from "zod";
import { toolLoop } from "../../src/loop/tool-loop.ts";
import { Messages } from "../../src/message/message.ts";
import { jsonSchema } from "../../src/schema/schema.ts";
import { tool } from "../../src/tools/tool.ts";
import { ToolError } from "../../src/tools/tool-error.ts";
import { thrownBy } from "../support/replay.ts";
import { ask, type SaidCall, serve, streamOf } from "./lane.ts";
import { lanes } from "./lanes/index.ts";

const add = tool({
  name: "add",
  description: "Adds.",
  parameters: z.object({ terms: z.object({ all: z.array(z.number()) }), note: z.string().optional() }),
  call: ({ terms }) => terms.all.reduce((sum, term) => sum + term, 0),
});
const now = tool({ name: "now", description: "Tells the time.", call: () => "noon" });

const adding = (id: string, ...all: number[]): SaidCall => ({
  id,
  name: "add",
  args: JSON.stringify({ terms: { all } }),
});
const nowCall: SaidCall = { id: "call_now", name: "now", args: "{}" };

describe.each(lanes)("$name: tools", (lane) => {
  // checklist: 110, 111, 118
  test("are declared with and without parameters, beside one another", async () => {
    await using server = await serve(lane, { text: "ok" });
    await ask(lane, { client: server.client, tools: [add, now] })();
    const sent = server.requests[0]?.text ?? "";
    for (const piece of ['"add"', '"Adds."', '"now"', '"Tells the time."', '"terms"', '"all"']) {
      expect(sent).toContain(piece);
    }
    expect(server.turns()).toHaveLength(1);
  });

  // checklist: 78, 79, 103, 116, 117
  // faults: 45, 46
  test.each([
    ["one without arguments", [nowCall]],
    ["nested arguments", [adding("call_1", 1, 2)]],
    ["several, of which two are of the same tool", [adding("call_1", 1), nowCall, adding("call_2", 2, 3)]],
    ["the same one twice with the same arguments", [adding("call_1", 1), adding("call_2", 1)]],
  ])("are called: %s, whole and streamed", async (_, toolCalls) => {
    await using server = await serve(lane, { toolCalls });
    const { client } = server;
    const options = { client, tools: [add, now] };
    const response = await ask(lane, options)();
    expect(response).toMatchObject({ content: "", stopReason: "tool_calls" });
    const uses = response.tools ?? [];
    const expected = toolCalls.map(({ id, name, args }) => ({ id, name, args: JSON.parse(args) as unknown }));
    expect(uses.map(({ id, name, args }) => ({ id, name, args }))).toEqual(expected);
    expect(uses.map(({ toolCall }) => toolCall)).toEqual(response.toolCalls?.map(({ native }) => native));
    const outputs = await Promise.all(uses.map((use) => use.call()));
    expect(outputs).toEqual(toolCalls.map(({ name, args }) => (name === "now" ? "noon" : sumIn(args))));

    const stream = streamOf(lane, options)();
    const streamed: { id: string; name: string; args: unknown }[] = [];
    for await (const [, use] of stream) if (use) streamed.push({ id: use.id, name: use.name, args: use.args });
    expect(streamed).toEqual(expected);
    const whole = stream.constructCallResponse();
    expect(whole.tools?.map(({ name, args }) => ({ name, args }))).toEqual(
      expected.map(({ name, args }) => ({ name, args })),
    );
    expect(whole.message).toEqual(response.message);
  });

  // checklist: 80
  // faults: 42
  test.each(["nothing", "toString", "constructor", "__proto__"])("that do not exist are an error: %s", async (name) => {
    await using server = await serve(lane, { toolCalls: [{ id: "call_1", name, args: "{}" }] });
    const options = { client: server.client, tools: [add] };
    const response = await ask(lane, options)();
    expect(response.toolCalls?.map((call) => call.name)).toEqual([name]);
    const error = await thrownBy(() => response.tools);
    expect(error).toBeInstanceOf(ToolError);
    expect(error).toMatchObject({ code: "unknown_tool", toolName: name });
    const stream = streamOf(lane, options)();
    const uses: unknown[] = [];
    const thrown = await thrownBy(async () => {
      for await (const [, use] of stream) if (use) uses.push(use);
    });
    expect(thrown).toMatchObject({ code: "unknown_tool", toolName: name });
    expect(uses).toEqual([]);
  });

  // checklist: 79
  // faults: 41
  test("whose arguments fail the schema are an error with the issues, and nothing is run", async () => {
    let runs = 0;
    const counted = tool({ name: "add", parameters: z.object({ a: z.number() }), call: () => ++runs });
    await using server = await serve(lane, { toolCalls: [{ id: "call_1", name: "add", args: '{"a":"x"}' }] });
    const response = await ask(lane, { client: server.client, tools: [counted] })();
    const use = response.tool;
    for (const access of [() => use?.args, () => use?.call()]) {
      const error = await thrownBy(access);
      expect(error).toBeInstanceOf(ToolError);
      expect(error).toMatchObject({ code: "invalid_arguments", toolName: "add", issues: [{ path: ["a"] }] });
    }
    expect(runs).toBe(0);
  });

  // checklist: 79
  // faults: 40
  test.runIf(lane.traits.partialTools)(
    "whose streamed arguments are no JSON are an error; others stay usable",
    async () => {
      const broken = { id: "call_1", name: "add", args: '{"terms": {"all": [1' };
      await using server = await serve(lane, (answer) => {
        const { opening, pieces } = lane.script({ toolCalls: [broken, nowCall] });
        const { closing } = lane.script({ toolCalls: [nowCall] });
        const type = typeof opening[0] === "string" ? "text/event-stream" : "application/vnd.amazon.eventstream";
        const bytes = [...opening, ...pieces, ...closing].map((event) => Buffer.from(event));
        answer.send(200, { "content-type": type }, Buffer.concat(bytes));
      });
      const uses: { readonly name: string; readonly args: unknown }[] = [];
      for await (const [, use] of streamOf(lane, { client: server.client, tools: [add, now] })())
        if (use) uses.push(use);
      expect(uses.map(({ name }) => name)).toEqual(["add", "now"]);
      const error = await thrownBy(() => uses[0]?.args);
      expect(error).toMatchObject({ code: "invalid_arguments", toolName: "add" });
      expect(uses[1]?.args).toEqual({});
    },
  );

  // faults: 43
  test("arguments with `__proto__` pollute nothing", async () => {
    const args = '{"terms":{"all":[1]},"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const loose = jsonSchema<object>({ type: "object", properties: {} });
    const any = tool({ name: "add", parameters: loose, call: () => "ok" });
    await using server = await serve(lane, { toolCalls: [{ id: "call_1", name: "add", args }] });
    const response = await ask(lane, { client: server.client, tools: [any] })();
    expect(Reflect.get(response.tool?.args ?? {}, "polluted")).toBeUndefined();
    await response.tool?.call();
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});

function sumIn(args: string): number {
  return (JSON.parse(args) as { terms: { all: number[] } }).terms.all.reduce((sum, term) => sum + term, 0);
}

describe.each(lanes)("$name: tool results", (lane) => {
  // checklist: 77, 86, 87, 88, 109
  // faults: 45
  test.each([
    ["with ids", "call_1", "call_2"],
    ["without ids", "", ""],
  ])("answer each call, an error among them, from a call and from a stream: %s", async (_, one, two) => {
    const toolCalls = [adding(one, 1, 2), adding(two, 3)];
    await using server = await serve(lane, { toolCalls });
    const options = { client: server.client, tools: [add, now] };
    const response = await ask(lane, options)();
    const stream = streamOf(lane, options)();
    for await (const _step of stream);
    for (const { answer, bind } of [
      { answer: response, bind: response },
      { answer: stream, bind: stream.constructCallResponse() },
    ]) {
      const [first, second] = bind.tools ?? [];
      if (first === undefined || second === undefined) throw new Error("Both calls should be there.");
      const results = answer.toolMessageParams([
        [first, { sum: await first.call() }],
        [second, new Error("too late")],
      ]);
      await ask(lane, options, () => ({ messages: [Messages.user("Hi"), answer.messageParam, ...results] }))();
      const [, turn, given, ...more] = server.turns(-1);
      expect(more).toEqual([]);
      expect(turn?.calls.map(({ name, args }) => [name, args])).toEqual([
        ["add", { terms: { all: [1, 2] } }],
        ["add", { terms: { all: [3] } }],
      ]);
      expect(given?.role).toBe("tool");
      expect(given?.results.map(({ text }) => text)).toEqual([
        expect.stringContaining('{"sum":3}'),
        expect.stringContaining("too late"),
      ]);
      if (one !== "") expect(given?.results.map(({ id }) => id)).toEqual(turn?.calls.map(({ id }) => id));
      const marked = server.requests.at(-1)?.text.match(/"is_error":true|"status":"error"|"error":/) != null;
      expect(marked).toBe(lane.traits.errorResults);
    }
  });

  // checklist: 48
  test("are sent until the model answers: a loop of two steps, whole and streamed", async () => {
    for (const stream of [false, true]) {
      await using server = await serve(
        lane,
        { toolCalls: [adding("call_1", 1, 2), nowCall] },
        { toolCalls: [adding("call_3", 3, 4)] },
        { text: "Three and seven." },
      );
      const asked = lane.call(lane.model, { client: server.client, tools: [add, now], stream }, () => "Hi");
      const result = await toolLoop(asked as never)();
      expect(result).toMatchObject({ status: "done", inputTokens: 30, outputTokens: 15 });
      expect(result.response?.content).toBe("Three and seven.");
      expect(server.requests).toHaveLength(3);
      expect(server.turns(2).map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "tool"]);
      expect(server.turns(2).flatMap(({ results }) => results.map(({ text }) => text))).toEqual([
        expect.stringContaining("3"),
        expect.stringContaining("noon"),
        expect.stringContaining("7"),
      ]);
      expect(() => JSON.parse(JSON.stringify(result.state))).not.toThrow();
    }
  });
});
