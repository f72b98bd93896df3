import { describe, expect, test } from "vitest";
import { classify } from "../../src/errors/classify.ts";
import { isCallscopeError } from "../../src/errors/errors.ts";
import { StreamError } from "../../src/read/stream-error.ts";
import { sse, status, whole } from "../support/fault-server.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, serve, streamOf } from "./lane.ts";
import { geminiLane, vertexLane } from "./lanes/gemini.ts";

// Hand-written after https://ai.google.dev/api/generate-content#FinishReason: no recording has these.

const parts = [{ text: "So far" }];
const ended = (finishReason: string) => ({
  candidates: [{ index: 0, content: { role: "model", parts }, finishReason }],
});

describe.each([geminiLane, vertexLane])("$name: how an answer ends", (lane) => {
  test.each([
    ["CONTINUATION", "length"],
    ["MISSING_THOUGHT_SIGNATURE", "error"],
    ["ESCALATION", "content_filter"],
    ["SOMETHING_NEW", "other"],
  ])("[E4] %s is %s, whole and streamed", async (reason, stopReason) => {
    await using server = await serve(lane, status(200, ended(reason)));
    await using streaming = await serve(lane, whole(sse(ended(reason))));
    const stream = streamOf(lane, { client: streaming.client })();
    await collect(stream);
    for (const response of [await ask(lane, { client: server.client })(), stream.constructCallResponse()]) {
      expect(response).toMatchObject({ content: "So far", finishReasons: [reason], stopReason });
    }
    expect([server.requests.length, streaming.requests.length]).toEqual([1, 1]);
  });

  test.each([{}, { safetyRatings: [] }, { blockReason: "" }])(
    "[E4] feedback on the prompt without a reason is no answer: %j",
    async (promptFeedback) => {
      const body = { promptFeedback, modelVersion: lane.model };
      await using server = await serve(lane, status(200, body));
      await using streaming = await serve(lane, whole(sse(body)));
      const stream = streamOf(lane, { client: streaming.client })();
      const failed = await thrownBy(ask(lane, { client: server.client }));
      expect(failed).toMatchObject({ code: "malformed_response" });
      const broken = await thrownBy(() => collect(stream));
      expect(broken).toBeInstanceOf(StreamError);
      expect(broken).toMatchObject({ code: "stream_ended_early", partial: { content: "" } });
      for (const error of [failed, broken]) expect(isCallscopeError(error) && classify(error).kind).not.toBe("unknown");
    },
  );

  test("[E4] with a reason it is a blocked prompt, both ways, and beside candidates it says nothing", async () => {
    const body = { promptFeedback: { blockReason: "OTHER" } };
    const rated = { promptFeedback: { safetyRatings: [] }, ...ended("STOP") };
    for (const [answer, said] of [
      [body, { content: "", stopReason: "content_filter" }],
      [rated, { content: "So far", stopReason: "stop" }],
    ] as const) {
      await using server = await serve(lane, status(200, answer));
      await using streaming = await serve(lane, whole(sse(answer)));
      const stream = streamOf(lane, { client: streaming.client })();
      await collect(stream);
      expect(await ask(lane, { client: server.client })()).toMatchObject(said);
      expect(stream.constructCallResponse()).toMatchObject(said);
    }
  });
});
