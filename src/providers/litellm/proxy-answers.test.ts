import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { chunk, completion, startChat, textChunks, toolCall } from "../../../test/support/chat-server.ts";
import { collect, thrownBy } from "../../../test/support/replay.ts";
import { Messages } from "../../message/message.ts";
import { jsonSchema } from "../../schema/schema.ts";
import { tool } from "../../tools/tool.ts";
import { litellm } from "./index.ts";

// Hand-written after what the proxy does with answers of the services behind it:
// https://github.com/BerriAI/litellm/blob/main/litellm/types/utils.py

const clientOf = (url: string) => new OpenAI({ apiKey: "sk-secret", baseURL: url, maxRetries: 0, logLevel: "off" });
const say = () => "Hi";
const tools = [tool({ name: "f", call: () => 12 })];
const streamOf = (url: string) => litellm.call("m", { stream: true, client: clientOf(url) }, say)();

describe("what the proxy adds", () => {
  const fields = { provider_specific_fields: { thought_signatures: ["s"], citations: null } };
  const thought = { reasoning_content: "hm" };

  /** The same answer, whole and streamed. */
  async function both(message: object, choice: object, events: readonly object[], options: object = {}) {
    const said = completion({ content: "Dune", finish: "stop", ...message }) as { choices: [object] };
    await using server = await startChat({ ...said, choices: [{ ...said.choices[0], ...choice }] }, [
      ...events,
      usageEvent,
    ]);
    const client = clientOf(server.url);
    const whole = await litellm.call("m", { client, ...options }, say)();
    const stream = litellm.call("m", { client, stream: true, ...options }, say)();
    await collect(stream);
    return [whole, stream.constructCallResponse()] as const;
  }

  const usageEvent = { ...(textChunks("x").at(-1) as object) };

  test("[H9] thoughts and fields of its own are read, and do not go back", async () => {
    const events = [chunk({ ...thought, ...fields }), ...textChunks("Dune").slice(0, -1)];
    for (const response of await both({ ...thought, ...fields }, {}, events)) {
      expect(response.thinking).toBe("hm");
      expect(response.response.choices[0]?.message).toMatchObject(thought);
      expect(response.messageParam).toEqual({ role: "assistant", content: "Dune" });
      await using server = await startChat(completion({ content: "x" }));
      const messages = [Messages.user("Hi"), response.message, Messages.user("On")];
      await litellm.call("m", { client: clientOf(server.url) }, () => messages)();
      expect(server.bodies[0]?.messages).toEqual([
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Dune" },
        { role: "user", content: "On" },
      ]);
    }
  });

  test("[H9] what stands with a tool call stays with it: Gemini asks its signatures back", async () => {
    const call = { ...toolCall("f", {}), provider_specific_fields: { thought_signature: "s" } };
    const events = [chunk({ tool_calls: [{ index: 0, ...call }] }), chunk({}, "tool_calls")];
    for (const { messageParam } of await both({ content: null, tool_calls: [call] }, {}, events, { tools })) {
      expect(messageParam.tool_calls).toEqual([call]);
    }
  });

  test("[H10] a refusal is one, wherever the proxy puts it", async () => {
    const refusal = (text: string) => ({ content: null, provider_specific_fields: { refusal: text } });
    const events = [
      chunk(refusal("I'm ")),
      chunk({ provider_specific_fields: { a: 1 } }),
      chunk(refusal("sorry.")),
      chunk({}, "stop"),
    ];
    for (const response of await both(refusal("I'm sorry."), {}, events, { tools })) {
      expect(response.refusal).toBe("I'm sorry.");
      expect(() => response.tools).toThrow("The model refused: I'm sorry.");
      expect(response.message.content).toBe("I'm sorry.");
      expect(response.messageParam).toEqual({ role: "assistant", content: "", refusal: "I'm sorry." });
    }
    expect((await both({}, {}, textChunks("x").slice(0, -1)))[0].refusal).toBeUndefined();
  });

  test.each([
    ["MALFORMED_FUNCTION_CALL", "error"],
    ["UNEXPECTED_TOOL_CALL", "error"],
    ["ERROR", "error"],
    ["STOP", "stop"],
    ["end_turn", "stop"],
  ])('[H11] %s beside a "stop" is %s', async (native, reason) => {
    const told = { provider_specific_fields: { native_finish_reason: native } };
    const end = chunk({}, "stop") as { choices: [object] };
    const inChoice = { ...end, choices: [{ ...end.choices[0], ...told }] };
    for (const events of [[inChoice], [chunk(told), chunk({}, "stop")]]) {
      for (const response of await both({ content: null }, told, [chunk({ content: "" }), ...events])) {
        expect(response.stopReason).toBe(reason);
        expect(response.finishReasons).toEqual(["stop"]);
      }
    }
  });
});

describe("several choices in a stream", () => {
  const choice = (index: number, delta: object, finish: string | null = null, more: object = {}) => ({
    ...chunk({}),
    choices: [{ index, delta, finish_reason: finish }],
    ...more,
  });
  const [hi, ho, end] = [choice(0, { content: "Hi" }), choice(1, { content: "Ho" }), choice(0, {}, "stop")];
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const used = { ...chunk({}), choices: [], usage };

  test.each([
    ["without choices", [hi, ho, end, used]],
    ["with an empty one", [hi, ho, end, choice(0, { content: "", role: "assistant" }, null, { usage })]],
    ["after the other one's text", [hi, end, ho, used]],
    ["and an event that says nothing", [hi, ho, end, used, choice(0, {})]],
  ])("[C9] are whole when the first has ended and the usage followed, %s", async (_, events) => {
    await using server = await startChat(events);
    const stream = streamOf(server.url);
    await collect(stream);
    const { content, inputTokens, response } = stream.constructCallResponse();
    expect([content, inputTokens, response.choices[1]?.message.content]).toEqual(["Hi", 10, "Ho"]);
  });

  test.each([
    ["the first has not ended", [hi, ho, choice(1, {}, "stop"), used]],
    ["no usage followed", [hi, ho, end]],
    ["the usage stands with text", [hi, end, { ...ho, usage }]],
    ["the other one goes on", [hi, ho, end, used, ho]],
    ["the first goes on", [hi, ho, end, hi, used]],
  ])("[C9] are not whole where %s", async (_, events) => {
    await using server = await startChat(events);
    expect(await thrownBy(() => collect(streamOf(server.url)))).toMatchObject({ code: "stream_ended_early" });
  });
});

test("[H13] a forced tool is asked for in words where the proxy drops what forces it, and there alone", async () => {
  const Book = jsonSchema<{ title: string }>({
    title: "Book",
    type: "object",
    properties: { title: { type: "string" } },
    required: ["title"],
  });
  await using server = await startChat(completion({ tool_calls: [toolCall("Book", { title: "Dune" })] }));
  const options = { client: clientOf(server.url), responseModel: Book };
  const write = () => [Messages.system("Be brief."), Messages.user("Hi")];
  const words = { role: "system", content: 'Answer only by calling the tool "Book".' };
  const [rules, hi] = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Hi" },
  ];
  const force = { type: "function", function: { name: "Book" } };
  for (const model of ["cohere/command-r", "cohere_chat/command-r", "command-r", "anthropic/claude"]) {
    expect(await litellm.call(model, options, write)()).toEqual({ title: "Dune" });
    const { messages, tool_choice } = server.bodies.at(-1) ?? {};
    expect(messages).toEqual(model.startsWith("cohere") ? [rules, words, hi] : [rules, hi]);
    expect(tool_choice).toEqual(force);
  }
  await litellm.call("cohere/command-r", { client: options.client }, write)();
  expect(server.bodies.at(-1)?.messages).toEqual([rules, hi]);
});
