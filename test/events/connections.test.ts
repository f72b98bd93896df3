import { setTimeout as delay } from "node:timers/promises";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { openai } from "../../src/providers/openai/index.ts";
import { sse } from "../support/fault-server.ts";
import { type Handler, startServer } from "../support/server.ts";

// OpenAI's SDK leaves a stream's body at `[DONE]`, before its end is read, so that Node closes the connection.

const choice = (content: string, finish_reason: string | null) => ({ index: 0, delta: { content }, finish_reason });
const chunk = (content: string, reason: string | null) => ({ id: "1", model: "m", choices: [choice(content, reason)] });
const events = sse(chunk("Hello", null), chunk("!", "stop"), "[DONE]");
const head = { "content-type": "text/event-stream" };

const ending: Handler = async (answer) => {
  answer.head(200, head);
  for (const event of events) await answer.write(event);
  answer.end();
};

/** Leaves the connection open after the last event. */
const neverEnding: Handler = async (answer) => {
  answer.head(200, head);
  for (const event of events) await answer.write(event);
};

const times = 8;

test("a stream's connection is used for the next one", async () => {
  await using server = await startServer(ending);
  const client = new OpenAI({ apiKey: "test", baseURL: server.url, maxRetries: 0 });
  const ask = openai.call("m", { client, stream: true }, () => "Hi");
  for (let time = 0; time < times; time++) {
    let text = "";
    for await (const [{ content }] of ask()) text += content;
    expect(text).toBe("Hello!");
    // The end of the body comes a moment after the last event.
    await delay(10);
  }
  expect(server.requests).toHaveLength(times);
  // On a machine that is very busy the end may come too late for one or the other.
  expect(server.connections).toBeLessThanOrEqual(times / 2);
});

test("the end is not waited for, and a body that does not come to it is closed", async () => {
  await using server = await startServer(neverEnding);
  const client = new OpenAI({ apiKey: "test", baseURL: server.url, maxRetries: 0 });
  const stream = openai.call("m", { client, stream: true }, () => "Hi")();
  let text = "";
  for await (const [{ content }] of stream) text += content;
  const ended = performance.now();
  expect(text).toBe("Hello!");
  expect(stream.constructCallResponse().finishReasons).toEqual(["stop"]);
  // The server sees that the client has gone, after the loop has ended.
  expect(await server.clientClosed).toBeGreaterThan(ended);
});
