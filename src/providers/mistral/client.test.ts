import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Mistral } from "@mistralai/mistralai";
import { HTTPClient } from "@mistralai/mistralai/lib/http.js";
import type { CompletionEvent } from "@mistralai/mistralai/models/components";
import * as errors from "@mistralai/mistralai/models/errors";
import OpenAI from "openai";
import { afterEach, describe, expect, test, vi } from "vitest";
import * as fault from "../../../test/support/fault-server.ts";
import { chunk, completion, events } from "../../../test/support/mistral-wire.ts";
import { collect, thrownBy } from "../../../test/support/replay.ts";
import { classify } from "../../errors/classify.ts";
import { ConfigError } from "../../errors/errors.ts";
import { mistral } from "./index.ts";

const stream = events(chunk({ content: "Hel" }), chunk({ content: "lo" }), chunk({}, "stop"));

function ask({ url }: fault.LoopbackServer) {
  return mistral.call("m", { client: new Mistral({ apiKey: "test", serverURL: url }) }, () => "x");
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe("after a garbage collection, with which Node forgets the SDK's abort", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");

  /** Aborts once the server has been asked, and waits until the connection is closed. */
  async function abortedLate(server: fault.LoopbackServer, work: Promise<unknown>, controller: AbortController) {
    await vi.waitFor(() => expect(server.requests).toHaveLength(1), { timeout: 10_000 });
    for (let round = 0; round < 3; round++) {
      await delay(10);
      collectGarbage();
    }
    controller.abort();
    await Promise.all([work, server.clientClosed]);
  }

  test("a stream is closed all the same", async () => {
    await using server = await fault.startServer(fault.streamStall(stream, 1));
    const controller = new AbortController();
    const client = new Mistral({ apiKey: "test", serverURL: server.url });
    const call = mistral.call("m", { client, stream: true }, () => "x").with({ signal: controller.signal });
    const running = thrownBy(() => collect(call()));
    await abortedLate(server, running, controller);
    expect(await running).toBe(controller.signal.reason);
  });

  const clients = {
    "a client of the caller's": {},
    "one with an HTTP client of its own": {
      httpClient: new HTTPClient({ fetcher: (input, init) => fetch(input, init) }),
    },
  };
  test.each(Object.entries(clients))("[G6] so is a call by %s, and a stream before it opens", async (_, options) => {
    for (const more of [{}, { stream: true } as const]) {
      await using server = await fault.startServer(fault.hang);
      const controller = new AbortController();
      const client = new Mistral({ apiKey: "test", serverURL: server.url, ...options });
      const call = mistral.call("m", { client, ...more }, () => "x").with({ signal: controller.signal });
      const running = thrownBy(async () => {
        const asked: unknown = call();
        return "stream" in more ? await collect(asked as AsyncIterable<unknown>) : await asked;
      });
      await abortedLate(server, running, controller);
      expect(classify(await running).kind === "aborted" || (await running) === controller.signal.reason).toBe(true);
    }
  });

  test("[G6] so is one whose time is over, also in the middle of its answer", async () => {
    for (const handler of [fault.hang, fault.headerThenStall()]) {
      await using server = await fault.startServer(handler);
      const running = thrownBy(() => ask(server).with({ timeout: 300 })());
      await vi.waitFor(() => expect(server.requests).toHaveLength(1), { timeout: 10_000 });
      await delay(20);
      collectGarbage();
      expect(classify(await running).kind).toBe("timeout");
      await server.clientClosed;
    }
  });

  test("[G6] hooks of the caller's HTTP client are kept, and what was put around a chat is not passed by", async () => {
    await using server = await fault.startServer(fault.status(200, completion({ content: "ok" })));
    const seen: string[] = [];
    const httpClient = new HTTPClient();
    httpClient.addHook("response", (response) => void seen.push(String(response.status)));
    const client = new Mistral({ apiKey: "test", serverURL: server.url, httpClient });
    const call = mistral.call("m", { client }, () => "x").with({ timeout: 10_000 });
    await call();
    const complete = client.chat.complete.bind(client.chat);
    client.chat.complete = (...args) => {
      seen.push("traced");
      return complete(...args);
    };
    await call();
    expect(seen).toEqual(["200", "traced", "200"]);
  });

  test("so is a call of the default client", async () => {
    await using server = await fault.startServer(fault.hang);
    const { fetch } = globalThis;
    vi.stubEnv("MISTRAL_API_KEY", "test");
    vi.stubGlobal("fetch", (request: Request, init: RequestInit) => fetch(new Request(server.url, request), init));
    const controller = new AbortController();
    const running = thrownBy(() => mistral.call("m", () => "x").with({ signal: controller.signal })());
    await abortedLate(server, running, controller);
    expect(classify(await running).kind).toBe("aborted");
  });
});

describe("clients", () => {
  test("another provider's client is refused by name", async () => {
    const client = new OpenAI({ apiKey: "test" });
    // @ts-expect-error an OpenAI client is no Mistral client
    const call = mistral.call("m", { client }, () => "x");
    const error = await thrownBy(() => call());
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toMatch(/takes a Mistral instance .* no chat\.complete/);
  });

  test("an instrumented client may give any iterable, which is ended with the loop", async () => {
    let ended = false;
    async function* traced(events: AsyncIterable<CompletionEvent>) {
      try {
        yield* events;
      } finally {
        ended = true;
      }
    }
    await using server = await fault.startServer(fault.streamStall(stream, 1));
    const { chat } = new Mistral({ apiKey: "test", serverURL: server.url });
    const open: typeof chat.stream = async (...args) => traced(await chat.stream(...args)) as never;
    const client = { chat: { complete: chat.complete.bind(chat), stream: open } };
    for await (const [{ content }] of mistral.call("m", { client, stream: true }, () => "x")()) {
      expect(content).toBe("Hel");
      break;
    }
    await server.clientClosed;
    await vi.waitFor(() => expect(ended).toBe(true), { timeout: 10_000 });
  });

  test("two calls at once use the client of each, and per-call headers", async () => {
    await using first = await fault.startServer(fault.status(200, completion({ content: "first" })));
    await using second = await fault.startServer(fault.status(200, completion({ content: "second" })));
    const [one, two] = await Promise.all([
      ask(first).with({ headers: { "x-tenant": "a" } })(),
      ask(second).with({ headers: { "x-tenant": "b" } })(),
    ]);
    expect([one.content, two.content]).toEqual(["first", "second"]);
    const tenants = [first, second].map(({ requests }) => requests.map(({ headers }) => headers["x-tenant"]));
    expect(tenants).toEqual([["a"], ["b"]]);
  });

  test("without a key the default client is an error, and no request goes out unsigned", async () => {
    vi.stubEnv("MISTRAL_API_KEY", "");
    const fetched = vi.fn();
    vi.stubGlobal("fetch", fetched);
    const error = await thrownBy(() => mistral.call("m", () => "x")());
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain("MISTRAL_API_KEY");
    expect(fetched).not.toHaveBeenCalled();
  });

  test("the default client sends, streams and fails as the SDK does, with the key of the moment", async () => {
    const keys: (string | null)[] = [];
    const answers = [
      () => Response.json(completion()),
      () => new Response(stream.join(""), { headers: { "content-type": "text/event-stream" } }),
      () => Response.json({ message: "no" }, { status: 401 }),
    ];
    vi.stubGlobal("fetch", async (request: Request) => {
      keys.push(request.headers.get("authorization"));
      return answers.shift()?.();
    });
    vi.stubEnv("MISTRAL_API_KEY", "one");
    expect((await mistral.call("m", () => "x")()).content).toBe("Hi!");
    vi.stubEnv("MISTRAL_API_KEY", "two");
    const streaming = mistral.call("m", { stream: true }, () => "x")();
    await collect(streaming);
    expect(streaming.content).toBe("Hello");
    expect(await thrownBy(() => mistral.call("m", () => "x")())).toBeInstanceOf(errors.SDKError);
    expect(keys).toEqual(["Bearer one", "Bearer two", "Bearer two"]);
  });
});
