import * as sdk from "@aws-sdk/client-bedrock-runtime";
import { afterEach, describe, expect, test, vi } from "vitest";
import { frame } from "../../../test/support/converse.ts";
import { answer, clientOf, hello } from "../../../test/support/converse-server.ts";
import * as fault from "../../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../../test/support/replay.ts";
import { classify } from "../../errors/classify.ts";
import { ConnectionError, isCallscopeError, ResponseError, TimeoutError } from "../../errors/errors.ts";
import { StreamError } from "../../read/stream-error.ts";
import { bedrock } from "./index.ts";
import { provider } from "./provider.ts";

const model = "us.anthropic.claude-sonnet-4-20250514-v1:0";
let server: fault.LoopbackServer | undefined;
let client: sdk.BedrockRuntimeClient;

async function serve(handler: fault.Handler, http: 1 | 2 = 2): Promise<fault.LoopbackServer> {
  await leave();
  server = await fault.startServer(handler);
  client = clientOf(server.url, http);
  return server;
}

async function leave(): Promise<void> {
  client?.destroy();
  await server?.close();
  server = undefined;
}

afterEach(leave);

const call = (signal?: AbortSignal) => bedrock.call(model, { client }, () => "hi").with(signal ? { signal } : {})();
const stream = (options: { signal?: AbortSignal; timeout?: number; idleTimeout?: number } = {}) =>
  bedrock.call(model, { client, stream: true }, () => "hi").with(options)();

/** What a stream gave before it failed, and how it failed. */
async function broken(running: ReturnType<typeof stream>) {
  const error = await thrownBy(() => collect(running));
  expect(() => running.constructCallResponse()).toThrow(StreamError);
  return { error, content: running.content };
}

/** `error` and everything it was caused by. */
function causes(error: unknown): unknown[] {
  const links: unknown[] = [];
  for (let link = error; link instanceof Error; link = link.cause) links.push(link);
  return links;
}

// checklist: 61
describe("refusals of the service", () => {
  test.each([
    { code: 400, exception: sdk.ValidationException, kind: "invalid_request" },
    { code: 403, exception: sdk.AccessDeniedException, kind: "permission" },
    { code: 404, exception: sdk.ResourceNotFoundException, kind: "not_found" },
    { code: 408, exception: sdk.ModelTimeoutException, kind: "timeout" },
    { code: 424, exception: sdk.ModelErrorException, kind: "invalid_request" },
    { code: 429, exception: sdk.ThrottlingException, kind: "rate_limit" },
    { code: 500, exception: sdk.InternalServerException, kind: "server" },
    { code: 503, exception: sdk.ServiceUnavailableException, kind: "overloaded" },
  ])("$code is the SDK's own $exception.name, once, from a call and a stream", async ({ code, exception, kind }) => {
    const { name } = exception;
    const { requests } = await serve(fault.status(code, { message: "no" }, { "x-amzn-errortype": name }));
    for (const error of [await thrownBy(() => call()), (await broken(stream())).error]) {
      expect(error).toBeInstanceOf(exception);
      expect(error).toMatchObject({ name, message: "no", $metadata: { httpStatusCode: code } });
      expect(classify(error)).toMatchObject({ status: code, kind });
    }
    expect(requests).toHaveLength(2);
  });

  test.each([
    ["502 with HTML", fault.html502, 502],
    ["503 with text", fault.text503, 503],
  ])("%s keeps its status, as an exception of the SDK", async (_, handler, code) => {
    await serve(handler);
    for (const error of [await thrownBy(() => call()), (await broken(stream())).error]) {
      expect(error).toBeInstanceOf(sdk.BedrockRuntimeServiceException);
      expect(error).toMatchObject({ $metadata: { httpStatusCode: code }, cause: expect.any(SyntaxError) });
      expect((error as Error).message.length).toBeLessThan(100);
      expect(classify(error)).toMatchObject({ status: code, retryable: true });
    }
  });

  test("retry-after is read from the SDK's error", async () => {
    await serve(fault.retryAfter("2"));
    expect(classify(await thrownBy(() => call()))).toMatchObject({ kind: "rate_limit", retryAfterMs: 2000 });
  });
});

describe("a success that is none", () => {
  test.each([
    ["no body", fault.emptyBody200],
    ["null", fault.null200],
    ["{}", fault.emptyObject200],
    ["[]", fault.emptyArray200],
    ["HTML", fault.html200],
    ["cut JSON", fault.cutJson200],
  ])("%s", async (name, handler) => {
    await serve(handler);
    expect(await thrownBy(() => call())).toBeInstanceOf(ResponseError);
    const { error } = await broken(stream());
    expect(error).toBeInstanceOf(ResponseError);
    expect(String(error)).toContain(name === "HTML" ? "text/html" : "application/json");
  });

  test("a body that stops in the middle", async () => {
    await serve(fault.headerThenStall());
    const error = await thrownBy(() => bedrock.call(model, { client }, () => "hi").with({ timeout: 60 })());
    expect(error).toBeInstanceOf(TimeoutError);
  });
});

describe.each([2, 1] as const)("over HTTP/%i", (http) => {
  test("a refused connection", async () => {
    client = clientOf(await fault.closedPort(), http);
    for (const error of [await thrownBy(() => call()), await thrownBy(() => collect(stream()))]) {
      expect(error).toBeInstanceOf(ConnectionError);
      expect(String(error)).toContain("ECONNREFUSED");
      expect(causes(error)).toContainEqual(expect.objectContaining({ code: "ECONNREFUSED" }));
      expect(classify(error)).toMatchObject({ kind: "connection", retryable: true });
    }
  });

  test("a connection broken before the answer", async () => {
    await serve(fault.disconnect, http);
    for (const error of [await thrownBy(() => call()), await thrownBy(() => collect(stream()))]) {
      expect(error).toBeInstanceOf(ConnectionError);
      expect(classify(error).retryable).toBe(true);
    }
  });

  test.each([
    ["ended in order", fault.cleanCut(hello, 2)],
    ["reset", fault.reset(hello, 2)],
    ["closed too soon", fault.shortLength(hello, 2)],
  ])("a stream %s before its end", async (_, handler) => {
    await serve(handler, http);
    const { error, content } = await broken(stream());
    expect(content).toBe("Hel");
    expect(isCallscopeError(error)).toBe(true);
    expect(classify(error)).toMatchObject({ kind: "connection", retryable: true });
  });

  test("a stream cut inside an event", async () => {
    const half = (hello[2] as Uint8Array).subarray(0, 40);
    await serve(fault.whole([...hello.slice(0, 2), half]), http);
    const { error, content } = await broken(stream());
    expect(content).toBe("Hel");
    expect(classify(error).kind).toBe("connection");
  });

  // checklist: 98
  test("leaving the loop closes the connection", async () => {
    const { clientClosed } = await serve(fault.streamStall(hello, 3), http);
    const running = stream();
    for await (const [chunk] of running) if (chunk.content !== "") break;
    expect(await clientClosed).toBeGreaterThan(0);
    expect(running.content).toBe("Hel");
  });

  test("an abort of a call: the SDK's error, with the reason it forgot", async () => {
    const { clientClosed } = await serve(fault.hang, http);
    const reason = new Error("enough");
    const controller = new AbortController();
    const arrived = vi.waitFor(() => expect(server?.requests).toHaveLength(1), { timeout: 10_000 });
    const error = await thrownBy(() =>
      Promise.all([call(controller.signal), arrived.then(() => controller.abort(reason))]),
    );
    expect(error === reason || (error as Error).cause === reason).toBe(true);
    expect(await clientClosed).toBeGreaterThan(0);
    expect(await thrownBy(() => call(controller.signal))).toBe(reason);
    expect(server?.requests).toHaveLength(1);
  });

  test("an abort of a stream is never its end", async () => {
    const { clientClosed } = await serve(fault.streamStall(hello, 3), http);
    const controller = new AbortController();
    const running = stream({ signal: controller.signal });
    const received = vi.waitFor(() => expect(running.content).toBe("Hello"), { timeout: 10_000 });
    void received.then(() => controller.abort(new Error("enough")));
    const { error, content } = await broken(running);
    expect(causes(error)).toContain(controller.signal.reason);
    expect(content).toBe("Hello");
    expect(running.spent).toMatchObject({ estimated: true });
    expect(await clientClosed).toBeGreaterThan(0);
  });

  test("time limits: none of the SDK's", async () => {
    const { clientClosed } = await serve(fault.inTurn(fault.hang, fault.streamStall(hello, 3)), http);
    const error = await thrownBy(() => bedrock.call(model, { client }, () => "hi").with({ timeout: 300 })());
    expect(error).toBeInstanceOf(TimeoutError);
    expect(await clientClosed).toBeGreaterThan(0);
    expect((await broken(stream({ timeout: 300 }))).error).toBeInstanceOf(TimeoutError);
    const idle = await broken(stream({ idleTimeout: 300 }));
    expect(idle.error).toMatchObject({ code: "stream_stalled" });
    expect(idle.content).toBe("Hello");
  });
});

describe("wrong events", () => {
  const streamOf = (...rest: Uint8Array[]) => fault.whole([...hello.slice(0, 2), ...rest]);

  test("an exception is the SDK's class, what came before it is kept", async () => {
    await serve(streamOf(frame("throttlingException", { message: "slow down" }, "exception")));
    const { error, content } = await broken(stream());
    expect(error).toBeInstanceOf(sdk.ThrottlingException);
    expect(classify(error)).toMatchObject({ kind: "rate_limit", retryable: true });
    expect(content).toBe("Hel");
  });

  test.each([
    [
      "exception",
      frame("accessDeniedException", { message: "not you" }, "exception"),
      "AccessDeniedException",
      "not you",
    ],
    ["error", frame("InternalFailure", "boom", "error"), "InternalFailure", "boom"],
  ] as const)("an %s of a type the SDK does not know has its base class", async (_, unknown, name, message) => {
    for (const handler of [streamOf(unknown), fault.whole([unknown])]) {
      await serve(handler);
      const { error } = await broken(stream());
      expect(error).toBeInstanceOf(sdk.BedrockRuntimeServiceException);
      expect(error).toMatchObject({ name, message, cause: expect.any(Error) });
    }
  });

  test.each([
    ["no JSON", frame("contentBlockDelta", '{"contentBlockIndex":0,"del')],
    [
      "a wrong checksum",
      (hello[2] as Uint8Array).map((byte, index, all) => (index === all.length - 8 ? byte ^ 1 : byte)),
    ],
    ["a length that cannot be", new Uint8Array(64).fill(1)],
  ])("an event with %s", async (_, event) => {
    await serve(streamOf(event, ...hello.slice(2)));
    const { error, content } = await broken(stream());
    expect(isCallscopeError(error)).toBe(true);
    expect(content).toBe("Hel");
  });

  test("an event of a new type is passed over", async () => {
    await serve(fault.whole([...hello.slice(0, 2), frame("novelty", { a: 1 }), ...hello.slice(2)]));
    const running = stream();
    await collect(running);
    expect(running.content).toBe("Hello");
  });
});

// checklist: 69
test("an answer that says nothing but why it ended is one", async () => {
  await serve(answer([], "content_filtered"));
  expect(await call()).toMatchObject({ content: "", stopReason: "content_filter" });
  for (const nothing of [null, undefined, {}, { output: {} }, { output: { message: {} } }]) {
    expect(() => provider.read(nothing as sdk.ConverseCommandOutput)).toThrow(ResponseError);
  }
});
