import { CohereClient, CohereClientV2, CohereError } from "cohere-ai";
import OpenAI from "openai";
import { afterEach, describe, expect, test, vi } from "vitest";
import { answer, clientAt, serve, toolCall, usage } from "../../../test/support/cohere-server.ts";
import { status } from "../../../test/support/fault-server.ts";
import { type Json, thrownBy } from "../../../test/support/replay.ts";
import { ConfigError, ResponseError } from "../../errors/errors.ts";
import { tool } from "../../tools/tool.ts";
import { ToolError } from "../../tools/tool-error.ts";
import { cohere } from "./index.ts";

const model = "command-a-03-2025";
const time = tool({ name: "get_time", call: () => "12:00" });

/** What a call gives whose answer is this. */
async function answered(body: Json, options: cohere.CallOptions = {}): Promise<cohere.CallResponse> {
  await using api = await serve(status(200, body));
  return await cohere.call(model, { ...options, client: api.client } as { client: CohereClientV2 }, () => "Hi")();
}

describe("answers", () => {
  test("the shortest call sends model and message, and reads everything", async () => {
    await using api = await serve();
    const response = await cohere.call(model, { client: api.client }, (name: string) => `I am ${name}`)("Ada");
    expect(api.server.requests[0]?.path).toBe("/v2/chat");
    expect(api.server.requests[0]?.headers.authorization).toBe("Bearer test");
    expect(api.body()).toEqual({ model, messages: [{ role: "user", content: "I am Ada" }], stream: false });
    expect(response.callKwargs).toEqual({ model, messages: [{ role: "user", content: "I am Ada" }] });
    expect(response).toMatchObject({ provider: "cohere", model, id: "chat-1", content: "Hello", stopReason: "stop" });
    expect(response.finishReasons).toEqual(["COMPLETE"]);
    expect(response.response).toEqual({
      id: "chat-1",
      message: { role: "assistant", content: [{ type: "text", text: "Hello" }] },
      finishReason: "COMPLETE",
      usage: {
        billedUnits: { inputTokens: 10, outputTokens: 5 },
        tokens: { inputTokens: 500, outputTokens: 7 },
        cachedTokens: 400,
      },
    });
    expect([response.tools, response.toolCalls, response.thinking, response.refusal]).toEqual(Array(4).fill(undefined));
    expect(response.userMessageParam).toEqual({ role: "user", content: "I am Ada" });
  });

  test("tokens and cost are what is billed, the rest stays in the usage", async () => {
    const response = await answered(answer());
    expect(response).toMatchObject({ inputTokens: 10, outputTokens: 5, usage: { cachedTokens: 400 } });
    expect(response.cachedTokens).toBeUndefined();
    // 2.5 and 10 US dollars a million tokens: https://cohere.com/pricing
    expect(response.cost).toBeCloseTo((10 * 2.5 + 5 * 10) / 1e6, 12);
    const tokens = { input_tokens: 500, output_tokens: 70, reasoning_tokens: 4 };
    expect((await answered(answer({}, { usage: { ...usage, tokens } }))).tokens).toEqual({
      input: 10,
      output: 5,
      reasoning: 4,
    });
    // More than is billed as output: then it is no part of it.
    const more = { ...usage, tokens: { ...tokens, reasoning_tokens: 6 } };
    expect((await answered(answer({}, { usage: more }))).tokens).toEqual({ input: 10, output: 5 });
  });

  test.each([[undefined], [null], [{}], [{ tokens: { input_tokens: 500, output_tokens: 7 } }]])(
    "without billed units (%j) neither tokens nor cost are known",
    async (told) => {
      const response = await answered(answer({}, { usage: told }));
      expect([response.inputTokens, response.outputTokens, response.cost]).toEqual(Array(3).fill(undefined));
    },
  );

  test("text blocks are joined with nothing between, thoughts and the plan are apart, unknown blocks are kept", async () => {
    const content = [
      { type: "thinking", thinking: "One. " },
      { type: "text", text: "A" },
      { type: "picture", text: "not said" },
      { type: "text", text: "B" },
      { type: "thinking", thinking: "Two. " },
    ];
    const response = await answered(answer({ content, tool_plan: "Three." }));
    expect(response.content).toBe("AB");
    expect(response.thinking).toBe("One. Two. Three.");
    expect(response.response.message.content).toEqual(content);
    const { content: parts } = response.message;
    expect(parts).toEqual([
      { type: "thinking", text: "One. " },
      { type: "thinking", text: "Two. " },
      { type: "thinking", text: "Three." },
      { type: "text", text: "AB" },
    ]);
  });

  test("parallel calls with the SDK's own objects, one without arguments in three forms", async () => {
    const calls = [toolCall("1", "get_time", "{}"), toolCall("2", "get_time", ""), toolCall("3", "get_time", "null")];
    const body = answer({ content: undefined, tool_calls: calls }, { finish_reason: "TOOL_CALL" });
    const response = await answered(body, { tools: [time] });
    expect(response).toMatchObject({ content: "", stopReason: "tool_calls" });
    expect(response.toolCalls?.map(({ native }) => native)).toEqual(calls);
    expect(response.toolCalls?.[0]?.native).toBe(response.response.message.toolCalls?.[0]);
    expect(response.tools?.map(({ args }) => args)).toEqual([{}, {}, {}]);
  });

  test("a call of a tool that was not offered stays visible", async () => {
    const response = await answered(answer({ tool_calls: [toolCall("1", "constructor", "{}")] }), { tools: [time] });
    expect(response.toolCalls).toHaveLength(1);
    expect(() => response.tools).toThrow(ToolError);
  });

  test.each([
    ["COMPLETE", "stop"],
    ["STOP_SEQUENCE", "stop"],
    ["MAX_TOKENS", "length"],
    ["TOOL_CALL", "tool_calls"],
    ["ERROR", "error"],
    ["TIMEOUT", "error"],
    ["NEW", "other"],
    ["constructor", "other"],
  ])("the finish reason %s is %s", async (reason, common) => {
    const response = await answered(answer({}, { finish_reason: reason }));
    expect(response.finishReasons).toEqual([reason]);
    expect(response.stopReason).toBe(common);
  });

  test("an answer may say nothing, but must be one", async () => {
    expect((await answered(answer({ content: undefined }))).content).toBe("");
    expect((await answered(answer({ content: [] }))).content).toBe("");
    // The SDK writes to the console what it finds odd in an answer, and cannot be told not to.
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    for (const body of [{}, { id: "1" }, { id: "1", message: "internal error" }, { message: {} }]) {
      const error = await thrownBy(() => answered(body));
      expect(error).toBeInstanceOf(ResponseError);
      expect(error).toMatchObject({ provider: "cohere", response: body });
    }
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});

describe("clients", () => {
  const key = process.env.CO_API_KEY;
  afterEach(() => {
    if (key === undefined) delete process.env.CO_API_KEY;
    else process.env.CO_API_KEY = key;
  });

  test.each([
    ["OpenAI's", () => new OpenAI({ apiKey: "test" }), "has no chatStream"],
    ["one for v1 chat", () => new CohereClient({ token: "test" }), "give its `v2`"],
    ["text", () => "client", "has no chatStream"],
  ])("%s is refused", async (_, make, said) => {
    const error = await thrownBy(() => cohere.call(model, { client: make() as never }, () => "Hi")());
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain("callscope/cohere takes a CohereClientV2 instance");
    expect((error as Error).message).toContain(said);
  });

  test("the v2 of a v1 client serves", async () => {
    await using api = await serve();
    const { v2 } = new CohereClient({ token: "test", baseUrl: api.server.url });
    expect((await cohere.call(model, { client: v2 }, () => "Hi")()).content).toBe("Hello");
  });

  test("so does a stand-in without the SDK's promise", async () => {
    const chat = vi.fn(async () => ({
      id: "1",
      message: { role: "assistant", content: [] },
      finishReason: "COMPLETE",
    }));
    const client = { chat, chatStream: chat } as unknown as CohereClientV2;
    expect((await cohere.call(model, { client }, () => "Hi")()).stopReason).toBe("stop");
    expect(chat).toHaveBeenCalledWith({ model, messages: [{ role: "user", content: "Hi" }] }, {});
  });

  test("without a key the SDK says so", async () => {
    delete process.env.CO_API_KEY;
    const error = await thrownBy(() => cohere.call(model, () => "Hi")());
    expect(error).toBeInstanceOf(CohereError);
    expect((error as Error).message).toContain("CO_API_KEY");
  });

  test("two calls at once each have their own", async () => {
    await using one = await serve(status(200, answer({ content: [{ type: "text", text: "one" }] })));
    await using two = await serve(status(200, answer({ content: [{ type: "text", text: "two" }] })));
    const call = cohere.call(model, (url: string) => ({ messages: "Hi", client: clientAt(url) }));
    const both = await Promise.all([call(one.server.url), call(two.server.url)]);
    expect(both.map(({ content }) => content)).toEqual(["one", "two"]);
  });

  test("what is known only for one call goes with it: headers, and the SDK's own retries stay", async () => {
    let count = 0;
    await using api = await serve((reply) =>
      status(++count === 1 ? 503 : 200, answer(), { "retry-after": "0" })(reply),
    );
    const client = new CohereClientV2({ token: "test", baseUrl: api.server.url, maxRetries: 1 });
    const headers = { "x-trace": "7", authorization: "Bearer other" };
    const response = await cohere.call(model, { client }, () => "Hi").with({ headers, timeout: 10_000 })();
    expect(response.content).toBe("Hello");
    expect(api.server.requests.map((request) => request.headers["x-trace"])).toEqual(["7", "7"]);
    expect(api.server.requests[0]?.headers.authorization).toBe("Bearer other");
  });
});
