import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { chunk, completion, startChat, textChunks, toolCall, toolChunks } from "../../test/support/chat-server.ts";
import * as fault from "../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { createCall } from "../call/call.ts";
import { attemptsOf } from "../contract/attempts.ts";
import { TimeoutError } from "../errors/errors.ts";
import { openai } from "../providers/openai/index.ts";
import { ParseError } from "../structured/parse-error.ts";
import { tool } from "../tools/tool.ts";
import { StreamError } from "./stream-error.ts";

const say = (text: string) => text;
const add = tool({ name: "add", parameters: z.object({ a: z.number() }), call: ({ a }) => a + 1 });

describe("a stream", () => {
  test("[C10] that was not iterated says so when it is asked what the answer says", async () => {
    await using server = await startChat(textChunks("Du", "ne"));
    const stream = await openai.call("m", { stream: true, client: server.client }, say)("hi");
    for (const key of ["content", "toolCalls", "finishReasons", "usage", "id"] as const) {
      expect(() => stream[key]).toThrow(StreamError);
      expect(() => stream[key]).toThrow("for await (const [chunk] of stream)");
    }
    expect(server.requests).toHaveLength(0);
  });

  test("[C12] that has ended has the response's properties; before the end they follow one rule", async () => {
    await using server = await startChat(toolChunks("add", "1", ['{"a"', ":1}"]));
    const callParams = { temperature: 0 };
    const write = (text: string) => ({ messages: text, metadata: { tag: "x" } });
    const call = openai.call("gpt-4o-mini", { stream: true, client: server.client, tools: [add], callParams }, write);
    const stream = call("hi");
    expect([stream.fnArgs, stream.callKwargs, stream.cost]).toEqual([undefined, undefined, undefined]);
    let first = true;
    for await (const _ of stream) {
      if (!first) continue;
      first = false;
      expect(stream.fnArgs).toEqual(["hi"]);
      expect(stream.callKwargs).toMatchObject({ stream: true, temperature: 0 });
      expect(stream.toolCalls).toMatchObject([{ name: "add" }]);
      expect(() => stream.tools).toThrow("has not come to its end");
      expect(() => stream.message).toThrow(StreamError);
    }
    const response = stream.constructCallResponse();
    const same = [
      "content",
      "finishReasons",
      "stopReason",
      "usage",
      "tokens",
      "inputTokens",
      "outputTokens",
      "cachedTokens",
      "cost",
      "costDetails",
      "id",
      "model",
      "provider",
      "thinking",
      "refusal",
      "audio",
      "audioTranscript",
      "toolCalls",
      "tools",
      "tool",
      "message",
      "messageParam",
      "messages",
      "userMessageParam",
      "callParams",
      "callKwargs",
      "fnArgs",
      "metadata",
      "dynamicConfig",
      "promptTemplate",
      "structuredMode",
      "startTime",
      "endTime",
      "total",
      "attempts",
      "head",
    ] as const;
    for (const key of same) expect(stream[key], key).toEqual(response[key]);
    expect(stream.metadata).toEqual({ tag: "x" });
    expect(stream.toolMessage([[stream.toolCalls?.[0] as never, "2"]])).toMatchObject({ role: "tool" });
  });
});

describe("a time limit", () => {
  test.each([false, true])("[C13] covers the making of the client, streamed: %s", async (stream) => {
    await using server = await startChat(completion({ content: "x" }));
    const { provider } = openai;
    const slow = {
      ...provider,
      client: () => new Promise<OpenAI>((resolve) => setTimeout(() => resolve(server.client), 300)),
    };
    const asked = createCall(slow)("m", { stream }, say).with({ timeout: 20 })("hi");
    const error = await thrownBy(async () => (stream ? collect(asked as never) : asked));
    expect(error).toBeInstanceOf(TimeoutError);
    expect(server.requests).toHaveLength(0);
  });
});

describe("what was paid for a call that failed", () => {
  test("[G13] by a time limit or an abort is told as that of a stream is", async () => {
    await using server = await fault.startServer(() => new Promise(() => {}));
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const call = openai.call("gpt-4o-mini", { client }, say);
    const error = await thrownBy(() => call.with({ timeout: 20 })("a question of some length"));
    const [attempt] = attemptsOf(error);
    expect(attempt).toMatchObject({ error, provider: "openai", model: "gpt-4o-mini", cost: undefined });
    expect((attempt as { estimatedCost?: number }).estimatedCost).toBeGreaterThan(0);
    const controller = new AbortController();
    const asked = call.with({ signal: controller.signal })("hi");
    setTimeout(() => controller.abort(), 10);
    expect(attemptsOf(await thrownBy(() => asked))).toMatchObject([{ cost: undefined }]);
  });

  test("[G13] by a refusal is nothing; of a stream that broke what was seen", async () => {
    await using refusing = await fault.startServer(fault.status(400, "{}", { "content-type": "application/json" }));
    const client = new OpenAI({ apiKey: "k", baseURL: refusing.url, maxRetries: 0 });
    const refused = await thrownBy(() => openai.call("gpt-4o-mini", { client }, say)("hi"));
    expect(attemptsOf(refused)).toMatchObject([{ cost: 0, inputTokens: 0 }]);
    await using cut = await startChat([chunk({ content: "Half an answer" })]);
    const stream = openai.call("gpt-4o-mini", { stream: true, client: cut.client }, say)("hi");
    const error = await thrownBy(() => collect(stream));
    expect(attemptsOf(error)).toMatchObject([{ content: "Half an answer", cost: undefined }]);
    expect(stream.spent).toMatchObject({ estimated: true });
  });

  test("[G4] a first answer that did not fit is not lost when the second request fails", async () => {
    const wrong = completion({ tool_calls: [toolCall("answer", { title: 7 })] });
    const json = { "content-type": "application/json" };
    await using server = await fault.startServer(
      fault.inTurn(fault.status(200, JSON.stringify(wrong), json), fault.status(500, "{}", json)),
    );
    const client = new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 });
    const options = { client, responseModel: z.object({ title: z.string() }), retries: { validation: 2 } };
    const error = await thrownBy(() => openai.call("gpt-4o-mini", options, say)("hi"));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(attemptsOf(error)).toMatchObject([{ outputTokens: 5, cost: expect.any(Number) }, { error }]);
    await using again = await startChat(wrong);
    const parse = (await thrownBy(() =>
      openai.call("gpt-4o-mini", { ...options, client: again.client }, say)("hi"),
    )) as ParseError;
    expect(parse).toBeInstanceOf(ParseError);
    expect([parse.attempts.length, attemptsOf(parse).length]).toEqual([2, 3]);
    expect(parse.response.total).toMatchObject({ requests: 3, outputTokens: 15 });
  });
});
