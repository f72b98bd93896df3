import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { chunk } from "../../../test/support/chat-server.ts";
import { sse } from "../../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../../test/support/replay.ts";
import { azure } from "./index.ts";
import type { RestClient } from "./rest-types.ts";

// A stand-in, since what is at stake is when the client's stream fails: after we have let go of it, which no server decides.

/** A client whose answer is this body. */
function clientOf(body: PassThrough): RestClient {
  const answer = { status: "200", headers: {}, body };
  const post = () => Object.assign(Promise.resolve(answer), { asNodeStream: async () => answer });
  return { path: () => ({ post }) };
}

function streamOf(body: PassThrough, signal?: AbortSignal) {
  body.write(sse(chunk({ content: "Hi" }))[0]);
  return azure.call("m", { client: clientOf(body) as never, stream: true }, () => "x").with(signal ? { signal } : {})();
}

test("the SDK's build for browsers is asked for a browser's stream, which is closed when it is left", async () => {
  const text = sse(chunk({ content: "Hi" }), chunk({}, "stop"), "[DONE]").join("");
  let closed = 0;
  const body = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode(text)),
      cancel: () => void closed++,
    });
  const refused = async () => {
    throw new Error("`isNodeStream` is not supported in the browser environment. Use `asBrowserStream` instead.");
  };
  const asBrowserStream = async () => ({ status: "200", headers: {}, body: body() });
  const post = () => Object.assign(Promise.resolve({}), { asNodeStream: refused, asBrowserStream });
  const client = { path: () => ({ post }) } as never;
  const stream = azure.call("m", { client, stream: true }, () => "x")();
  await collect(stream);
  expect([stream.content, closed]).toEqual(["Hi", 1]);
});

describe("the body of a stream that we ended", () => {
  test("[G2] is closed when the loop is left, and its own late error ends nothing", async () => {
    const body = new PassThrough();
    for await (const _ of streamOf(body)) break;
    expect(body.destroyed).toBe(true);
    expect(() => body.emit("error", new Error("torn down"))).not.toThrow();
  });

  test("[G2] is closed by an abort, also while nobody reads", async () => {
    const body = new PassThrough();
    const controller = new AbortController();
    const error = await thrownBy(async () => {
      for await (const _ of streamOf(body, controller.signal)) {
        controller.abort(new Error("enough"));
        expect(body.destroyed).toBe(true);
        expect(() => body.emit("error", new Error("torn down"))).not.toThrow();
      }
    });
    expect(error).toMatchObject({ message: "enough" });
  });

  test("[G2] is closed when it has ended", async () => {
    const body = new PassThrough();
    body.write(sse(chunk({ content: "Hi" }))[0]);
    body.end([...sse(chunk({}, "stop")), "data: [DONE]\n\n"].join(""));
    await collect(azure.call("m", { client: clientOf(body) as never, stream: true }, () => "x")());
    expect(body.destroyed).toBe(true);
  });
});
