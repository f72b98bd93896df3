import { describe, expect, test } from "vitest";
import { PromptError, UnsupportedError } from "../../src/errors/errors.ts";
import { audio, document, image } from "../../src/message/media.ts";
import { Messages } from "../../src/message/message.ts";
import type { Message } from "../../src/message/parts.ts";
import type { ChatLane } from "./chat-lane.ts";
import { chunk, completion, startChat, textChunks, toolCall, toolChunks } from "./chat-server.ts";
import { add, book, describeChatTools, turn } from "./chat-tools.ts";
import { collect, deepFreeze, type Json, thrownBy } from "./replay.ts";

// What every provider of the chat-completions wire sends and reads alike, over its real SDK.

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const say = () => "Hi";
/** The tests of requests and answers. */
export function describeChatRequests(lane: ChatLane): void {
  describe(`${lane.title}: requests and answers`, () => {
    messages(lane);
    parts(lane);
    streams(lane);
  });
  describeChatTools(lane);
}

function messages(lane: ChatLane): void {
  test("text: what is sent and all that is read", async () => {
    await using server = await startChat(completion({ content: "Dune" }, "model-1-0101"));
    const callParams = { temperature: 0.5, unheard_of: [1] };
    const asked = lane.ask({ client: lane.client(server.url), callParams }, say).with({ headers: { "x-one": "1" } });
    const response = await asked();
    expect(server.bodies).toEqual([{ model: "model-1", messages: [{ role: "user", content: "Hi" }], ...callParams }]);
    expect(server.requests[0]?.headers["x-one"]).toBe("1");
    expect(response.callKwargs).toEqual(server.bodies[0]);
    expect((await asked.prepare()).request).toEqual(server.bodies[0]);
    expect(response).toMatchObject({
      provider: lane.provider,
      content: "Dune",
      id: "chatcmpl-1",
      model: "model-1-0101",
      finishReasons: ["stop"],
      stopReason: "stop",
      inputTokens: 10,
      outputTokens: 5,
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
      messageParam: { role: "assistant", content: "Dune" },
    });
    expect(response.cost).toBeUndefined();
    expect(response.toolCalls).toBeUndefined();
  });

  test("system, all roles, turns; native messages by reference", async () => {
    await using server = await startChat(completion({ content: "ok" }));
    const native = deepFreeze({ role: "assistant", content: "own", tool_calls: [toolCall("add", {})], more: 1 });
    const given = deepFreeze([
      Messages.system("one"),
      Messages.user("a"),
      native,
      { role: "tool", content: [{ type: "tool_result", id: "call_1", name: "add", content: "2", isError: true }] },
      {
        role: "assistant",
        content: [
          { type: "thinking", text: "hm" },
          { type: "text", text: "b" },
        ],
      },
      Messages.system("two"),
      { role: "user", content: "c", name: "Ann" },
    ]);
    const response = await lane.ask({ client: lane.client(server.url) }, () => ({ messages: given }))();
    expect(server.bodies[0]?.messages).toEqual([
      { role: "system", content: "one" },
      { role: "user", content: "a" },
      native,
      { role: "tool", tool_call_id: "call_1", content: "2" },
      { role: "assistant", content: "b" },
      { role: "system", content: "two" },
      { role: "user", content: "c", name: "Ann" },
    ]);
    expect(response.messages[2]).toBe(native);
  });

  test("its own answer goes back as it came, another provider's is converted", async () => {
    const said = { content: null, tool_calls: [toolCall("add", { n: { a: 1 } })] };
    await using server = await startChat(completion(said), completion({ content: "2" }));
    const client = lane.client(server.url);
    const { message, messageParam } = await lane.ask({ client, tools: [add] }, say)();
    const foreign: Message = { ...message, native: { provider: "elsewhere", message: { role: "model" } } };
    const result: Message = {
      role: "tool",
      content: [{ type: "tool_result", id: "call_1", name: "add", content: "2" }],
    };
    await lane.ask({ client }, () => [Messages.user("Hi"), message, result])();
    expect(server.bodies[1]?.messages).toEqual([
      { role: "user", content: "Hi" },
      turn(lane, said.tool_calls),
      { role: "tool", tool_call_id: "call_1", content: "2" },
    ]);
    await lane.ask({ client }, () => [Messages.user("Hi"), foreign, result])();
    // Ids of another provider are written anew, the same for the call and its result.
    const [, call, answer] = (server.bodies[2]?.messages ?? []) as Json[];
    const id = answer?.tool_call_id;
    expect(call).toEqual(turn(lane, [{ ...(said.tool_calls[0] as object), id }]));
    expect(messageParam).toEqual({ role: "assistant", content: null, tool_calls: said.tool_calls });
  });

  test("a message of another shape is refused by its index", async () => {
    const asked = lane.ask({}, () => ({ messages: [Messages.user("a"), { role: "model", parts: [] }] }));
    const error = await thrownBy(() => asked.prepare());
    expect(error).toBeInstanceOf(PromptError);
    expect(String(error)).toContain(`Message 1 is not a message of ${lane.provider}: its role is "model"`);
  });
}

function parts(lane: ChatLane): void {
  test("pictures by bytes and by address", async () => {
    const content = ["Look:", image(png), image("https://example.com/a.png", { detail: "low" })];
    const { messages } = await lane.ask({}, () => Messages.user(content)).prepare();
    expect(messages).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "Look:" },
          {
            type: "image_url",
            image_url: { url: `data:image/png;base64,${png.toString("base64")}`, detail: "auto" },
          },
          { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } },
        ],
      },
    ]);
  });

  test.each([
    ["audio", audio("https://example.com/a.mp3")],
    ["document", document("https://example.com/a.pdf")],
    ["image", { type: "image", data: "AAAA", mediaType: "image/tiff" } as const],
  ])("a %s it cannot take is refused before any request", async (kind, part) => {
    const error = await thrownBy(() => lane.ask({}, () => Messages.user(["?", part])).prepare());
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error).toMatchObject({ provider: lane.provider });
    expect(String(error)).toMatch(new RegExp(`${lane.provider} takes .*${kind === "image" ? "image/png" : kind}`));
  });
}

function streams(lane: ChatLane): void {
  test("a streamed text is, at its end, what the call would have given", async () => {
    await using server = await startChat(textChunks("Du", "ne"), completion({ content: "Dune" }));
    const client = lane.client(server.url);
    const stream = lane.stream({ client }, say);
    const steps = await collect(stream);
    expect(server.bodies[0]).toEqual({
      model: "model-1",
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
      ...(lane.asksForUsage && { stream_options: { include_usage: true } }),
    });
    expect(steps.map(([{ content }]) => content)).toEqual(["Du", "ne", "", ""]);
    const whole = stream.constructCallResponse();
    const plain = await lane.ask({ client }, say)();
    for (const key of ["content", "finishReasons", "model", "id", "usage", "cost", "messageParam", "message"] as const)
      expect([key, whole[key]]).toEqual([key, plain[key]]);
  });

  test("streamed tool calls come once and whole; an answer nobody has begun can be looked at", async () => {
    const first = { ...chunk({}), choices: [], id: "", model: "" };
    await using server = await startChat([first, ...toolChunks("add", "call_1", ['{"n":', '{"a":1}}'])]);
    const stream = lane.stream({ client: lane.client(server.url), tools: [add] }, say);
    const looked: string[] = [];
    const uses: unknown[] = [];
    for await (const [, use] of stream) {
      looked.push(stream.content);
      if (use) uses.push([use.name, use.args]);
    }
    expect(uses).toEqual([["add", { n: { a: 1 } }]]);
    expect(new Set(looked)).toEqual(new Set([""]));
    expect(stream.id).toBe("chatcmpl-1");
    expect(stream.messageParam).toEqual({
      role: "assistant",
      content: null,
      tool_calls: [toolCall("add", '{"n":{"a":1}}')],
    });
  });

  test("nothing the caller gave is changed, frozen to the bottom", async () => {
    await using server = await startChat(completion({ content: '{"title":"x"}' }), textChunks("x"));
    const client = lane.client(server.url);
    const callParams = deepFreeze({ stop: ["a"], stream_options: { extra: 1 }, response: { a: [1] } });
    const messages = deepFreeze([Messages.system("s"), { role: "user", content: [{ type: "text", text: "t" }] }]);
    const frozen = deepFreeze({ ...add });
    await lane.ask({ client, callParams, tools: [frozen], responseModel: book, jsonMode: true }, () => ({
      messages,
    }))();
    await collect(lane.stream({ client, callParams, tools: [frozen] }, () => ({ messages })));
    expect(server.requests).toHaveLength(2);
  });
}
