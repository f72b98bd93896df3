import { setTimeout as delay } from "node:timers/promises";
import { brotliCompressSync, deflateSync } from "node:zlib";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, describe, expect, test } from "vitest";
import * as fault from "../../test/support/fault-server.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { ConfigError } from "../errors/errors.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import { pooledFetch } from "./index.ts";

// What Node's own `fetch` does is what this one has to do: both do the same, and what arrives and what comes of it is
// compared.

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

const pooled = pooledFetch();
afterAll(() => pooled.close());

interface Seen {
  readonly requests: readonly unknown[];
  readonly outcome: unknown;
}

async function seenBy(
  fetch: Fetch,
  handler: fault.Handler,
  run: (fetch: Fetch, url: string) => unknown,
): Promise<Seen> {
  await using server = await fault.startServer(handler);
  let outcome: unknown;
  try {
    const got = await run(fetch, server.url);
    outcome = got instanceof Response ? await describeResponse(got, server.url) : got;
  } catch (error) {
    outcome = describeError(error);
  }
  const requests = server.requests.map(({ headers, ...request }) => ({ ...request, headers: withoutPort(headers) }));
  return { requests: JSON.parse(JSON.stringify(requests).replaceAll(boundary, "boundary")), outcome };
}

const boundary = /-{4}formdata-undici-\d+/g;

function withoutPort({ host: _, "content-length": length, ...headers }: NodeJS.Dict<string | string[]>) {
  // A form's boundary has a random number of digits.
  return { ...headers, sized: length !== undefined };
}

async function describeResponse(response: Response, origin: string): Promise<unknown> {
  const { status, statusText, ok, redirected, url, headers } = response;
  const kept = [...headers].filter(([name]) => !["date", "location"].includes(name));
  const hasBody = response.body !== null;
  const isResponse = response instanceof Response;
  const head = { status, statusText, ok, redirected, url: url.replace(origin, ""), headers: kept, hasBody, isResponse };
  try {
    return { ...head, text: await response.text() };
  } catch (error) {
    return { ...head, error: describeError(error) };
  }
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { cause } = error as { cause?: { code?: string } };
  return { class: error.constructor, name: error.name, message: error.message.replace(/:\d+$/, ""), code: cause?.code };
}

const echo = fault.status(200, { ok: true });
const json = { "content-type": "application/json", authorization: "Bearer key", "x-own": "1" };
const post = (body: RequestInit["body"], more: RequestInit = {}): RequestInit =>
  ({ method: "POST", body, ...more }) as RequestInit;
const form = () => {
  const data = new FormData();
  data.append("purpose", "batch");
  data.append("file", new File(["{}\n{}"], "grüße.jsonl", { type: "application/jsonl" }));
  return data;
};

/** Answers the first request by a redirect, and says of the second what came. */
function redirect(status: number, to = "/there"): fault.Handler {
  return fault.inTurn(fault.status(status, "", { location: to, "content-type": "text/plain" }), echo);
}

describe("the same as Node's own fetch", () => {
  test.each<[string, fault.Handler, (fetch: Fetch, url: string) => unknown]>([
    ["a text", echo, (fetch, url) => fetch(`${url}/v1/a?b=c#d`, post('{"a":"ü"}', { headers: json }))],
    ["a text without a type", echo, (fetch, url) => fetch(url, post("hello"))],
    ["bytes", echo, (fetch, url) => fetch(new URL(url), post(new TextEncoder().encode("grüße")))],
    ["an ArrayBuffer", echo, (fetch, url) => fetch(url, post(new TextEncoder().encode("a").buffer as ArrayBuffer))],
    ["nothing", echo, (fetch, url) => fetch(url, { method: "POST" })],
    ["GET", echo, (fetch, url) => fetch(url)],
    [
      "headers as a list",
      echo,
      (fetch, url) =>
        fetch(url, {
          headers: [
            ["x-a", "1"],
            ["x-a", "2"],
          ],
        }),
    ],
    [
      "headers that are set by default",
      echo,
      (fetch, url) => fetch(url, { headers: { accept: "a/b", "user-agent": "me" } }),
    ],
    ["a form", echo, (fetch, url) => fetch(url, post(form()))],
    ["search parameters", echo, (fetch, url) => fetch(url, post(new URLSearchParams({ a: "ü" })))],
    ["a blob", echo, (fetch, url) => fetch(url, post(new Blob(["a"], { type: "text/x" })))],
    [
      "a stream",
      echo,
      (fetch, url) =>
        fetch(url, post(ReadableStream.from([Buffer.from("a"), Buffer.from("b")]), { duplex: "half" } as object)),
    ],
    ["a Request", echo, (fetch, url) => fetch(new Request(url, post("hello", { headers: json })))],
    [
      "DELETE, PUT, PATCH",
      echo,
      async (fetch, url) => {
        for (const method of ["delete", "PUT", "PATCH"]) await fetch(url, { method });
      },
    ],
    ["HEAD", echo, (fetch, url) => fetch(url, { method: "HEAD" })],
    ["a body in GET", echo, (fetch, url) => fetch(url, { body: "no" })],
    ["no address", echo, (fetch) => fetch("/relative")],
    ["an address with a key", echo, (fetch, url) => fetch(url.replace("//", "//user:key@"))],
    ["data", echo, (fetch) => fetch("data:text/plain,hello")],
    ["a header that is none", echo, (fetch, url) => fetch(url, { headers: { "a b": "1" } })],
    ["no content", fault.status(204, ""), (fetch, url) => fetch(url)],
    ["an error's status", fault.status(429, { error: "slow" }, { "retry-after": "2" }), (fetch, url) => fetch(url)],
    ["gzip", fault.gzip(fault.sse("a", "b")), (fetch, url) => fetch(url)],
    [
      "deflate",
      (answer) => answer.send(200, { "content-encoding": "deflate" }, deflateSync("hello")),
      (fetch, url) => fetch(url),
    ],
    [
      "br",
      (answer) => answer.send(200, { "content-encoding": "br" }, brotliCompressSync("hello")),
      (fetch, url) => fetch(url),
    ],
    [
      "an unknown encoding",
      (answer) => answer.send(200, { "content-encoding": "x" }, "hello"),
      (fetch, url) => fetch(url),
    ],
    [
      "an encoding that is none",
      (answer) => answer.send(200, { "content-encoding": "gzip" }, "hello"),
      async (fetch, url) => {
        const response = await fetch(url);
        return (await thrownBy(() => response.text())) instanceof TypeError || "another";
      },
    ],
    ["a stream, bytes one by one", fault.splitBytes(fault.sse("a", "ü", "[DONE]")), (fetch, url) => fetch(url)],
    ["a broken body", fault.reset(fault.sse("a", "b"), 1), (fetch, url) => fetch(url)],
    ["a short body", fault.shortLength(fault.sse("a", "b"), 1), (fetch, url) => fetch(url)],
    ["a destroyed connection", fault.disconnect, (fetch, url) => fetch(url, post("{}"))],
    ["a port that nobody listens on", echo, async (fetch) => fetch(await fault.closedPort())],
    ["an abort before", echo, (fetch, url) => fetch(url, { signal: AbortSignal.abort() })],
    [
      "an abort before, with a reason",
      echo,
      (fetch, url) => fetch(url, { signal: AbortSignal.abort(new Error("enough")) }),
    ],
    ["an abort while waiting", fault.hang, (fetch, url) => fetch(url, { signal: AbortSignal.timeout(50) })],
    [
      "an abort while reading",
      fault.streamStall(fault.sse("a")),
      (fetch, url) => fetch(url, { signal: AbortSignal.timeout(50) }),
    ],
    ...[301, 302, 303, 307, 308].flatMap(
      (status): [string, fault.Handler, (fetch: Fetch, url: string) => unknown][] => [
        [`${status} on POST`, redirect(status), (fetch, url) => fetch(url, post("{}", { headers: json }))],
        [`${status} on GET`, redirect(status), (fetch, url) => fetch(url, { headers: json })],
        [`${status}, manual`, redirect(status), (fetch, url) => fetch(url, post("{}", { redirect: "manual" }))],
        [`${status}, error`, redirect(status), (fetch, url) => fetch(url, post("{}", { redirect: "error" }))],
      ],
    ),
    [
      "a redirect of a stream",
      redirect(307),
      (fetch, url) => fetch(url, post(ReadableStream.from([Buffer.from("a")]), { duplex: "half" } as object)),
    ],
    ["a redirect to nowhere", redirect(302, "ftp://127.0.0.1/"), (fetch, url) => fetch(url)],
    ["a redirect without an end", (answer) => answer.send(302, { location: "/again" }, ""), (fetch, url) => fetch(url)],
  ])("%s", async (_, handler, run) => {
    const expected = await seenBy(fetch, handler, run);
    const seen = await seenBy(pooled, handler, run);
    expect(seen).toStrictEqual(expected);
  });

  test("a redirect to another address takes neither key nor cookie along", async () => {
    for (const one of [fetch, pooled] as Fetch[]) {
      await using other = await fault.startServer(echo);
      await using server = await fault.startServer(fault.status(307, "", { location: `${other.url}/there` }));
      await one(server.url, post("{}", { headers: { ...json, cookie: "a=b" } }));
      expect(other.requests[0]?.headers).not.toHaveProperty("authorization");
      expect(other.requests[0]?.headers).not.toHaveProperty("cookie");
      expect(other.requests[0]).toMatchObject({ text: "{}", headers: { "x-own": "1" } });
    }
  });
});

describe("connections", () => {
  test("are kept, and bounded", async () => {
    await using own = pooledFetch({ connections: 3 });
    await using server = await fault.startServer(echo);
    const ask = async () => (await own(server.url, post("{}"))).text();
    for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 20 }, ask));
    expect(server.requests).toHaveLength(60);
    expect(server.connections).toBeLessThanOrEqual(3);
  });

  test("one that is waited for can be given up", async () => {
    await using own = pooledFetch({ connections: 1 });
    await using server = await fault.startServer(fault.inTurn(fault.hang, echo));
    const first = new AbortController();
    const held = own(server.url, { signal: first.signal });
    await delay(50);
    expect(await thrownBy(() => own(server.url, { signal: AbortSignal.timeout(20) }))).toMatchObject({
      name: "TimeoutError",
    });
    first.abort();
    expect(await thrownBy(() => held)).toMatchObject({ name: "AbortError" });
    expect(await (await own(server.url)).json()).toEqual({ ok: true });
    expect(server.requests).toHaveLength(2);
  });

  test("a body that is given up closes its own, and an abort closes its own", async () => {
    await using server = await fault.startServer(fault.streamStall(fault.sse("a")));
    const response = await pooled(server.url);
    await response.body?.cancel();
    await server.clientClosed;
    await using another = await fault.startServer(fault.hang);
    await thrownBy(() => pooled(another.url, { signal: AbortSignal.timeout(30) }));
    await another.clientClosed;
  });

  test("nobody is served after the end", async () => {
    await using server = await fault.startServer(echo);
    const own = pooledFetch();
    await (await own(server.url)).text();
    await own.close();
    expect(await thrownBy(() => own(server.url))).toMatchObject({ message: "fetch failed" });
    await pooledFetch().close();
  });

  test("a slow reader holds the server back", async () => {
    const size = 8_000_000;
    let written = 0;
    await using server = await fault.startServer(async (answer) => {
      answer.head(200, { "content-type": "text/plain" });
      for (; written < size; written += 100_000) if (!(await answer.write("x".repeat(100_000)))) return;
      answer.end();
    });
    const response = await pooled(server.url);
    await delay(200);
    expect(written).toBeLessThan(size);
    expect(await response.text()).toHaveLength(size);
  });
});

describe("with the SDKs", () => {
  const chunk = (content: string, finish_reason: string | null = null) => ({
    id: "1",
    choices: [{ index: 0, delta: { content }, finish_reason }],
  });

  test("a call, a stream, a refusal and a time limit", async () => {
    const answer = {
      id: "1",
      choices: [{ index: 0, message: { role: "assistant", content: "Dune" }, finish_reason: "stop" }],
    };
    const handlers = [
      fault.status(200, answer),
      fault.whole(fault.sse(chunk("Du"), chunk("ne", "stop"), "[DONE]")),
      fault.status(429),
    ] as const;
    await using server = await fault.startServer(fault.inTurn(...handlers, fault.hang));
    const client = new OpenAI({ apiKey: "test", baseURL: `${server.url}/v1`, maxRetries: 0, fetch: pooled });
    const say = openai.call("gpt-4o-mini", { client }, () => "Hi");
    expect((await say()).content).toBe("Dune");
    const stream = openai.call("gpt-4o-mini", { client, stream: true }, () => "Hi")();
    await collect(stream);
    expect(stream.content).toBe("Dune");
    expect(await thrownBy(say)).toBeInstanceOf(OpenAI.RateLimitError);
    expect(await thrownBy(say.with({ timeout: 50 }))).toMatchObject({ code: "timeout" });
  });

  test("an upload", async () => {
    await using server = await fault.startServer(fault.status(200, { id: "file_1" }));
    const client = new OpenAI({ apiKey: "test", baseURL: `${server.url}/v1`, fetch: pooled });
    await client.files.create({ file: new File(["{}"], "a.jsonl"), purpose: "batch" });
    expect(server.requests[0]?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(server.requests[0]?.text).toContain('filename="a.jsonl"');
  });

  test("an abort of a stream of Anthropic's", async () => {
    const events = [
      `event: message_start\ndata: {"type":"message_start","message":{"id":"1","content":[],"usage":{}}}\n\n`,
    ];
    await using server = await fault.startServer(fault.streamStall(events));
    const client = new Anthropic({ apiKey: "test", baseURL: server.url, maxRetries: 0, fetch: pooled });
    const controller = new AbortController();
    const stream = anthropic
      .call("claude-haiku-4-5", { client, stream: true }, () => "Hi")
      .with({ signal: controller.signal })();
    const reason = new Error("enough");
    expect(
      await thrownBy(async () => {
        for await (const _ of stream) controller.abort(reason);
      }),
    ).toBe(reason);
    await server.clientClosed;
  });
});

test.each([
  [{ connection: 1 }, 'no option "connection"'],
  [{ connections: 0 }, "a whole number from 1"],
  [{ keepAliveTimeout: 1.5 }, "a time in milliseconds"],
  [{ http2: "yes" }, "true or false"],
  [{ dispatcher: {} }, "one of undici's"],
  [null, "an object of options"],
])("%j is refused", (options, message) => {
  expect(() => pooledFetch(options as object)).toThrow(ConfigError);
  expect(() => pooledFetch(options as object)).toThrow(message);
});
