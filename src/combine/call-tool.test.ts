import { describe, expect, test } from "vitest";
import * as z from "zod";
import { chunk, completion, startChat, textChunks, toolCall } from "../../test/support/chat-server.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { budget, ConfigError, callTool, observe, ToolError, tool, toolLoop, within } from "../index.ts";
import { openai } from "../providers/openai/index.ts";

const parameters = z.object({ topic: z.string() });
const asks = completion({ tool_calls: [toolCall("expert", { topic: "sand" })] });
const done = completion({ content: "Fine." });

/** A loop whose model asks the tool once: what it was told of it, and what the run came to. */
async function used(expert: ReturnType<typeof callTool>, options: Parameters<typeof toolLoop>[1] = {}) {
  await using outer = await startChat(asks, done);
  const ask = openai.call("m", { client: outer.client, tools: [expert] }, (question: string) => question);
  const run = await toolLoop(ask, options)("What of sand?");
  expect(run.response?.content).toBe("Fine.");
  return outer.bodies;
}

// checklist: 119
describe("a call as a tool of a loop", () => {
  test("is offered with its schema, and the model gets the answer's text", async () => {
    await using inner = await startChat(completion({ content: "Sand is fine." }));
    const tell = openai.call("m", { client: inner.client }, (topic: string, words: number) => `${topic} in ${words}`);
    const expert = callTool(tell, {
      name: "expert",
      description: "Knows.",
      parameters,
      args: ({ topic }) => [topic, 9],
    });
    const [first, second] = await used(expert);
    expect(first).toEqual({
      model: "m",
      messages: [{ role: "user", content: "What of sand?" }],
      tools: [
        {
          type: "function",
          function: {
            name: "expert",
            description: "Knows.",
            parameters: {
              type: "object",
              properties: { topic: { type: "string" } },
              required: ["topic"],
            },
          },
        },
      ],
    });
    expect(second?.messages).toEqual([
      { role: "user", content: "What of sand?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [toolCall("expert", { topic: "sand" })],
      },
      { role: "tool", tool_call_id: "call_1", content: "Sand is fine." },
    ]);
    expect(inner.bodies).toEqual([{ model: "m", messages: [{ role: "user", content: "sand in 9" }] }]);
  });

  test("gives a response model's value as JSON, and what a stream came to", async () => {
    await using typed = await startChat(completion({ content: '{"grains":7}' }));
    const responseModel = z.object({ grains: z.number() });
    const count = openai.call(
      "m",
      { client: typed.client, responseModel, jsonMode: true },
      ({ topic }: { topic: string }) => topic,
    );
    expect((await used(callTool(count, { name: "expert", parameters })))[1]?.messages).toMatchObject([
      {},
      {},
      { role: "tool", content: '{"grains":7}' },
    ]);
    await using streamed = await startChat(textChunks("Sand ", "is fine."));
    const tell = openai.call("m", { client: streamed.client, stream: true }, ({ topic }: { topic: string }) => topic);
    expect((await used(callTool(tell, { name: "expert", parameters })))[1]?.messages).toMatchObject([
      {},
      {},
      { role: "tool", content: "Sand is fine." },
    ]);
  });

  test("may be an agent of its own, with tools of its own", async () => {
    const find = tool({ name: "find", parameters, call: ({ topic }) => `${topic} is found` });
    await using inner = await startChat(
      completion({ tool_calls: [toolCall("find", { topic: "grains" })] }),
      completion({ content: "Found." }),
    );
    const ask = openai.call("m", { client: inner.client, tools: [find] }, ({ topic }: { topic: string }) => topic);
    const [, second] = await used(callTool(toolLoop(ask), { name: "expert", parameters }));
    expect(second?.messages).toMatchObject([{}, {}, { role: "tool", content: "Found." }]);
    expect(inner.bodies[1]?.messages).toMatchObject([{ content: "sand" }, {}, { content: "grains is found" }]);
  });

  test("that is cut off is told as an error, and never taken for an answer", async () => {
    await using inner = await startChat(completion({ content: "Sand i", finish: "length" }));
    const tell = openai.call("m", { client: inner.client }, ({ topic }: { topic: string }) => topic);
    const [, second] = await used(callTool(tell, { name: "expert", parameters }));
    const sentence = "The answer was cut off by the token limit. It begins: Sand i";
    expect(second?.messages).toMatchObject([{}, {}, { role: "tool", content: expect.stringContaining(sentence) }]);
  });

  test("that fails with the provider's error ends a strict loop with that very object", async () => {
    await using outer = await startChat(asks, done);
    await using inner = await startChat({ error: "no completion" });
    const tell = openai.call("m", { client: inner.client }, ({ topic }: { topic: string }) => topic);
    let thrown: unknown;
    const expert = callTool(
      async (given: { topic: string }) => {
        try {
          return await tell(given);
        } catch (error) {
          thrown = error;
          throw error;
        }
      },
      { name: "expert", parameters },
    );
    const ask = openai.call("m", { client: outer.client, tools: [expert] }, (question: string) => question);
    const error = await thrownBy(() => toolLoop(ask, { toolErrors: "throw" })("What of sand?"));
    expect(error).toBeInstanceOf(Error);
    expect(error).toBe(thrown);
    expect(outer.requests).toHaveLength(1);
  });

  test("stands in the scope of the run: its layers see both calls, and the run's cost is its own", async () => {
    await using inner = await startChat(completion({ content: "Sand is fine." }));
    await using outer = await startChat(asks, done);
    const tell = openai.call("gpt-4o", { client: inner.client }, ({ topic }: { topic: string }) => topic);
    const tools = [callTool(tell, { name: "expert", parameters })];
    const ask = openai.call("gpt-4o-mini", { client: outer.client, tools }, (question: string) => question);
    const seen: string[] = [];
    const hooks = observe({ request: ({ model, purpose }) => void seen.push(`${model} ${purpose}`) });
    const purse = budget({ usd: 1 });
    const run = await within({ layers: [hooks, purse] }, () => toolLoop(ask)("What of sand?"));
    expect(seen).toEqual(["gpt-4o-mini step", "gpt-4o call", "gpt-4o-mini step"]);
    expect(purse.spent.requests).toBe(3);
    const own = run.responses.reduce((sum, { cost }) => sum + (cost ?? Number.NaN), 0);
    expect(run.cost).toBeCloseTo(own, 12);
    expect(purse.spent.usd).toBeGreaterThan(own);
  });

  test("is left with the run that uses it", async () => {
    await using outer = await startChat(asks, done);
    await using silent = await startChat([chunk({ content: "Sa" })]);
    const controller = new AbortController();
    const reason = new Error("left");
    const tell = openai.call("m", { client: silent.client }, ({ topic }: { topic: string }) => topic);
    const expert = callTool(
      (given: { topic: string }) => {
        controller.abort(reason);
        return tell(given);
      },
      { name: "expert", parameters },
    );
    const ask = openai.call("m", { client: outer.client, tools: [expert] }, (question: string) => question);
    const run = toolLoop(ask.with({ signal: controller.signal }));
    expect(await thrownBy(() => run("What of sand?"))).toBe(reason);
    expect([outer.requests.length, silent.requests.length]).toEqual([1, 0]);
  });
});

test.each<[() => unknown, new (...args: never[]) => Error, string]>([
  [() => callTool({} as never, { name: "x" }), ConfigError, "takes a call"],
  [() => callTool(() => "x", undefined as never), ConfigError, "takes an object of options; it was given undefined"],
  [() => callTool(() => "x", { name: "a b" }), ToolError, "not a valid name"],
  [() => callTool(() => "x", { name: "x", arg: 1 } as never), ConfigError, 'no option "arg"'],
  [() => callTool(() => "x", { name: "x", args: 1 } as never), ConfigError, "`args` is a function"],
])("misuse of callTool is told at once: %#", (make, kind, sentence) => {
  expect(make).toThrow(kind);
  expect(make).toThrow(sentence);
});
