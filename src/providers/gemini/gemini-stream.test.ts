import { ApiError, GenerateContentResponse } from "@google/genai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  badJsonEvent,
  bom,
  cleanCut,
  comments,
  crlf,
  emptyObject200,
  errorEvent,
  errorEvents,
  type Handler,
  html200,
  reset,
  shortLength,
  slow,
  splitBytes,
  sse,
  status,
  streamStall,
  whole,
} from "../../../test/support/fault-server.ts";
import { answer, asked, event, hello, serve, usageMetadata } from "../../../test/support/gemini-server.ts";
import { collect, thrownBy } from "../../../test/support/replay.ts";
import { stepsOf } from "../../../test/support/steps.ts";
import { classify } from "../../errors/classify.ts";
import { ConnectionError, ResponseError, TimeoutError } from "../../errors/errors.ts";
import { StreamError } from "../../read/stream-error.ts";
import { tool } from "../../tools/tool.ts";
import { gemini, provider } from "./index.ts";

const weather = tool({
  name: "get_weather",
  parameters: z.object({ city: z.string() }),
  call: ({ city }) => `Sunny in ${city}`,
});
const now = tool({ name: "get_time", call: () => "12:00" });

async function streamed(handler: Handler, options: object = {}) {
  const api = await serve(handler);
  const stream = gemini.call(asked, { ...options, client: api.client, stream: true }, () => "Hi")();
  return { api, stream, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

describe("streams", () => {
  // checklist: 93, 94, 96, 104
  test("give every event once, and in the end what a call without a stream gives", async () => {
    await using run = await streamed(whole(hello));
    const { stream, api } = run;
    expect(api.server.requests).toHaveLength(0);
    const steps = await collect(stream);
    expect(api.server.requests[0]?.path).toBe(`/v1/models/${asked}:streamGenerateContent?alt=sse`);
    expect(api.body()).toEqual({ contents: [{ role: "user", parts: [{ text: "Hi" }] }], generationConfig: {} });
    expect(steps.map(([{ content }]) => content)).toEqual(["Hello", " world", "!"]);
    expect(steps.map(([{ finishReasons }]) => finishReasons)).toEqual([undefined, undefined, ["STOP"]]);
    expect(steps.map(([{ usage, inputTokens }]) => [usage, inputTokens])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [usageMetadata, 10],
    ]);
    const response = stream.constructCallResponse();
    expect(response.response).toBeInstanceOf(GenerateContentResponse);
    const { sdkHttpResponse: _, ...body } = response.response;
    expect(body).toEqual(answer([{ text: "Hello world!" }]));
    expect(response).toMatchObject({ content: "Hello world!", model: asked, id: "r1", stopReason: "stop" });
    expect(stream.cost).toBeCloseTo((10 * 0.3 + 5 * 2.5) / 1e6, 12);
    expect(stream.messageParam).toEqual({ role: "model", parts: [{ text: "Hello world!" }] });
  });

  test("are the same however the bytes come", async () => {
    for (const handler of [splitBytes(hello), crlf(hello), comments(hello), bom(hello)]) {
      await using run = await streamed(handler);
      await collect(run.stream);
      expect(run.stream.content).toContain(" world!");
    }
  });

  test("keep thoughts apart and signatures on their parts", async () => {
    const events = sse(
      event([{ text: "Hm", thought: true }]),
      event([{ text: "m.", thought: true }, { text: "A" }]),
      event([{ text: "nswer" }]),
      event([{ text: "", thoughtSignature: "c2ln" }]),
      event([{ text: "", thoughtSignature: "c2lu" }], "STOP"),
    );
    await using run = await streamed(whole(events));
    const steps = await collect(run.stream);
    expect(steps.map(([{ thinking }]) => thinking)).toEqual(["Hm", "m.", undefined, undefined, undefined]);
    expect(run.stream).toMatchObject({ content: "Answer", thinking: "Hmm." });
    expect(run.stream.messageParam.parts).toEqual([
      { text: "Hmm.", thought: true },
      { text: "Answer" },
      { text: "", thoughtSignature: "c2ln" },
      { text: "", thoughtSignature: "c2lu" },
    ]);
  });

  // checklist: 103, 104
  test("emit every tool once: two in one event, one without arguments, one in the last event", async () => {
    const calls = [
      { functionCall: { name: "get_weather", args: { city: "Rome" } }, thoughtSignature: "c2ln" },
      { functionCall: { name: "get_time" } },
      { functionCall: { name: "get_weather", args: { city: "Oslo" } } },
    ];
    const events = sse(event([{ text: "Let me see." }]), event(calls.slice(0, 2)), event(calls.slice(2), "STOP"));
    await using run = await streamed(whole(events), { tools: [weather, now] });
    const uses = (await collect(run.stream)).flatMap(([, use]) => use ?? []);
    expect(uses.map(({ name, args }) => [name, args])).toEqual([
      ["get_weather", { city: "Rome" }],
      ["get_time", {}],
      ["get_weather", { city: "Oslo" }],
    ]);
    const response = run.stream.constructCallResponse();
    expect(response.stopReason).toBe("tool_calls");
    expect(response.tools).toHaveLength(3);
    expect(response.messageParam.parts).toEqual([{ text: "Let me see." }, ...calls]);
  });

  test("give several candidates, citations and what else comes in pieces", async () => {
    const first = (parts: string, more: object) => ({
      candidates: [
        { index: 1, content: { parts: [{ text: parts.toUpperCase() }] } },
        { index: 0, content: { parts: [{ text: parts }] }, ...more },
      ],
    });
    const events = sse(
      first("a", {
        citationMetadata: { citationSources: [{ uri: "1" }] },
        groundingMetadata: { webSearchQueries: ["q"] },
      }),
      first("b", { citationMetadata: { citationSources: [{ uri: "2" }] }, finishReason: "STOP", avgLogprobs: -1 }),
      { candidates: [{ index: 1, finishReason: "MAX_TOKENS" }], usageMetadata },
    );
    await using run = await streamed(whole(events));
    await collect(run.stream);
    const { response, finishReasons } = run.stream.constructCallResponse();
    expect(finishReasons).toEqual(["STOP", "MAX_TOKENS"]);
    expect(run.stream.content).toBe("ab");
    expect(response.candidates).toEqual([
      {
        ...{ index: 0, content: { role: "model", parts: [{ text: "ab" }] }, finishReason: "STOP", avgLogprobs: -1 },
        citationMetadata: { citations: [{ uri: "1" }, { uri: "2" }] },
        groundingMetadata: { webSearchQueries: ["q"] },
      },
      { index: 1, content: { role: "model", parts: [{ text: "AB" }] }, finishReason: "MAX_TOKENS" },
    ]);
  });

  // checklist: 108
  test("of a blocked prompt are whole without an answer", async () => {
    await using run = await streamed(whole(sse({ promptFeedback: { blockReason: "SAFETY" }, usageMetadata })));
    await collect(run.stream);
    expect(run.stream.constructCallResponse()).toMatchObject({ content: "", stopReason: "content_filter" });
  });

  test("can begin with nothing but a head, and be read at every step", async () => {
    const events = sse(
      { usageMetadata, responseId: "r1" },
      { candidates: [{ index: 0 }] },
      event([{ text: "x" }], "STOP"),
    );
    await using run = await streamed(whole(events));
    const seen: string[] = [];
    for await (const _ of run.stream) seen.push(`${run.stream.id} ${run.stream.content}`);
    expect(seen).toEqual(["r1 ", "r1 ", "r1 x"]);
  });

  test("grow a structured answer, as text or as a forced call", async () => {
    const Book = z.object({ title: z.string() });
    const json = sse(event([{ text: '{"title":"Du' }]), event([{ text: 'ne"}' }], "STOP"));
    await using text = await streamed(whole(json), { responseModel: Book, jsonMode: "schema" });
    const grown = text.stream as unknown as AsyncIterable<{ title?: string }> & { constructedResponseModel: object };
    expect(await collect(grown)).toContainEqual({ title: "Du" });
    expect(grown.constructedResponseModel).toEqual({ title: "Dune" });
    const forced = sse(event([{ functionCall: { name: "answer", args: { title: "Dune" } } }], "STOP"));
    await using call = await streamed(whole(forced), { responseModel: Book });
    const steps = await collect(call.stream as unknown as AsyncIterable<object>);
    expect(steps.at(-1)).toEqual({ title: "Dune" });
    expect(call.api.body()).toMatchObject({ toolConfig: { functionCallingConfig: { mode: "ANY" } } });
  });
});

describe("streams that fail", () => {
  async function failing(handler: Handler) {
    await using run = await streamed(handler);
    const error = await thrownBy(() => collect(run.stream));
    return { error, content: run.stream.content, stream: run.stream };
  }

  test("with an error event throw the SDK's own error; what came stays readable", async () => {
    const { error, content, stream } = await failing(errorEvent(hello, 2, errorEvents.gemini));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 503 });
    expect(classify(error)).toMatchObject({ kind: "overloaded", retryable: true });
    expect(content).toBe("Hello world");
    expect([stream.cost, stream.spent?.estimated]).toEqual([undefined, true]);
    // A whole error answer under the content type of a stream, as recorded.
    const plain = JSON.stringify({ error: { code: 429, message: "slow", status: "RESOURCE_EXHAUSTED" } }, null, 2);
    const { error: refused } = await failing(status(200, plain, { "content-type": "text/event-stream" }));
    expect(classify(refused)).toMatchObject({ kind: "rate_limit", status: 429 });
    expect((await failing(status(429, plain, { "content-type": "text/event-stream" }))).error).toBeInstanceOf(ApiError);
  });

  test("by a clean early end are no whole answer", async () => {
    const { error, content } = await failing(cleanCut(hello, 2));
    expect(error).toMatchObject({ code: "stream_ended_early", partial: { content: "Hello world" } });
    expect(content).toBe("Hello world");
    expect((await failing(cleanCut(hello, 0))).error).toMatchObject({ code: "stream_ended_early" });
  });

  test("inside an event, by reset or by a short body keep what came", async () => {
    const half = [...hello.slice(0, 1), (hello[1] as string).slice(0, 20)];
    for (const handler of [whole(half), reset(hello, 1), shortLength(hello, 1), badJsonEvent(hello, 1)]) {
      const { error, content } = await failing(handler);
      expect(error).toBeInstanceOf(StreamError);
      expect(error).toMatchObject({ code: "stream_broken", partial: { content: "Hello" } });
      expect((error as Error).cause).toBeInstanceOf(Error);
      expect(content).toBe("Hello");
    }
  });

  test("before their first event throw what the call would", async () => {
    expect((await failing(html200)).error).toBeInstanceOf(ResponseError);
    expect((await failing(emptyObject200)).error).toBeInstanceOf(ResponseError);
    expect((await failing(status(500))).error).toBeInstanceOf(ApiError);
    const client = (await import("../../../test/support/gemini-server.ts")).geminiClient("http://127.0.0.1:1");
    const refused = gemini.call(asked, { client, stream: true }, () => "Hi")();
    expect(await thrownBy(() => collect(refused))).toBeInstanceOf(ConnectionError);
  });

  test("by silence or by time end as such", async () => {
    await using idle = await serve(streamStall(hello, 1));
    const call = gemini.call(asked, { client: idle.client, stream: true }, () => "Hi");
    const silent = await thrownBy(() => collect(call.with({ idleTimeout: 1_000 })()));
    expect(silent).toMatchObject({ code: "stream_stalled", partial: { content: "Hello" } });
    expect(await idle.server.clientClosed).toBeGreaterThan(0);
    await using stalled = await serve(streamStall(hello, 1));
    const timed = gemini.call(asked, { client: stalled.client, stream: true }, () => "Hi").with({ timeout: 60 })();
    expect(await thrownBy(() => collect(timed))).toBeInstanceOf(TimeoutError);
    expect(stalled.server.requests[0]?.headers["x-server-timeout"]).toBe("2");
  });

  test("when aborted throw the caller's reason and close the connection", async () => {
    await using api = await serve(slow(hello, 30));
    const abort = new AbortController();
    const reason = new Error("enough");
    const stream = gemini
      .call(asked, { client: api.client, stream: true }, () => "Hi")
      .with({ signal: abort.signal })();
    const error = await thrownBy(async () => {
      for await (const _ of stream) abort.abort(reason);
    });
    expect(error).toBe(reason);
    expect(stream.content).toBe("Hello");
    expect(await api.server.clientClosed).toBeGreaterThan(0);
    const early = gemini.call(asked, { client: api.client, stream: true }, () => "Hi").with({ signal: abort.signal })();
    expect(await thrownBy(() => collect(early))).toBe(reason);
    expect(api.server.requests).toHaveLength(1);
  });

  // checklist: 98
  test("leaving the loop closes the connection", async () => {
    await using run = await streamed(streamStall(hello, 1));
    for await (const [chunk] of run.stream) {
      expect(chunk.content).toBe("Hello");
      break;
    }
    expect(await run.api.server.clientClosed).toBeGreaterThan(0);
    expect(await thrownBy(() => run.stream.constructCallResponse())).toMatchObject({ code: "stream_unfinished" });
  });
});

test("a long stream costs no more for each event at its end than at its beginning", () => {
  const steps = (count: number) => {
    const draft = { response: undefined, calls: [], done: false };
    const chunks = Array.from({ length: count }, () =>
      Object.assign(new GenerateContentResponse(), event([{ text: "word " }])),
    );
    return stepsOf(() => {
      for (const chunk of chunks) provider.readChunk(chunk, draft);
    });
  };
  expect(steps(10_000)).toBeLessThan(steps(1_000) * 11);
});
