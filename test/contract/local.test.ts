import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { classify } from "../../src/errors/classify.ts";
import { TimeoutError } from "../../src/errors/errors.ts";
import { Messages } from "../../src/message/message.ts";
import { LocalModel, local } from "../../src/providers/local/index.ts";
import { StreamError } from "../../src/read/stream-error.ts";
import { collect, deepFreeze, thrownBy } from "../support/replay.ts";

// What the contract says of text, streams and limits, on the real model and with few tokens. There is no network here,
// so the faults of one cannot happen.

vi.setConfig({ testTimeout: 60_000 });

let client: LocalModel;
beforeAll(() => {
  client = new LocalModel({ contextSize: 512 });
});
afterAll(() => client.dispose());

const reason = new Error("enough");
const callParams = deepFreeze({ maxTokens: 6 });
const write = () => deepFreeze([Messages.system("You are helpful."), Messages.user("Count from one to twenty.")]);
const asked = () => local.call("default", { client, callParams }, write);
const streamed = (limit?: { maxTokens: number }) =>
  local.call("default", { client, stream: true, callParams: limit ?? callParams }, write);

describe("local, on its real model", () => {
  // checklist: 69, 71, 74, 97, 101
  test("a stream comes to what a call gives", async () => {
    const response = await asked()();
    expect(response).toMatchObject({ stopReason: "length", outputTokens: 6, cost: 0 });
    const stream = streamed()();
    const texts = (await collect(stream)).map(([chunk]) => chunk.content);
    expect(texts.length).toBeGreaterThan(2);
    const whole = stream.constructCallResponse();
    expect([texts.join(""), whole.content]).toEqual([response.content, response.content]);
    for (const key of ["finishReasons", "model", "inputTokens", "outputTokens", "messageParam"] as const) {
      expect([key, whole[key]]).toEqual([key, response[key]]);
    }
    // checklist: 77
    const next = await local.call("default", { client, callParams }, () => [
      ...write(),
      response.message,
      Messages.user("Go on."),
    ])();
    expect(next.messages[2]).toEqual(response.messageParam);
  });

  // checklist: 127, 137
  test.each([false, true, "schema"] as const)(
    "a structured answer fits by construction: jsonMode %s",
    async (jsonMode) => {
      const responseModel = z.object({ sure: z.boolean() });
      const value = await local.call("default", { client, responseModel, jsonMode }, () => "Is the sky blue?")();
      expect(value).toEqual({ sure: expect.any(Boolean) });
    },
  );

  // faults: 17
  test("an abort before is its own reason; one while waiting and one in a stream never look whole", async () => {
    const signal = AbortSignal.abort(reason);
    expect(await thrownBy(asked().with({ signal }))).toBe(reason);
    expect(await thrownBy(() => collect(streamed().with({ signal })()))).toBe(reason);
    const waiting = new AbortController();
    const running = local.call("default", { client }, write).with({ signal: waiting.signal })();
    setTimeout(() => waiting.abort(reason), 60);
    expect(await thrownBy(() => running)).toBe(reason);
    // faults: 18
    const controller = new AbortController();
    const stream = streamed({ maxTokens: 200 }).with({ signal: controller.signal })();
    const error = await thrownBy(async () => {
      for await (const [{ content }] of stream) if (content !== "") controller.abort(reason);
    });
    expect(error === reason || classify(error).kind === "aborted").toBe(true);
    expect(stream.content).not.toBe("");
    expect(() => stream.constructCallResponse()).toThrow(StreamError);
    expect(stream.spent?.outputTokens).toBeGreaterThan(0);
  });

  // faults: 13, 15
  test("a time limit holds for calls and streams", async () => {
    const limited = local.call("default", { client }, write).with({ timeout: 40 });
    expect(await thrownBy(limited)).toBeInstanceOf(TimeoutError);
    const stream = local.call("default", { client, stream: true }, write).with({ timeout: 40 })();
    expect(await thrownBy(() => collect(stream))).toBeInstanceOf(TimeoutError);
    expect(() => stream.constructCallResponse()).toThrow(StreamError);
  });

  // checklist: 98, 99
  // faults: 19
  test("leaving the loop stops the model; a second iteration is refused", async () => {
    const stream = streamed({ maxTokens: 300 })();
    for await (const [{ content }] of stream) if (content !== "") break;
    const before = stream.content;
    expect(await thrownBy(() => collect(stream))).toMatchObject({ code: "stream_consumed" });
    // The next answer does not wait for the rest of that one.
    expect((await asked()()).outputTokens).toBe(6);
    expect(stream.content).toBe(before);
  });
});
