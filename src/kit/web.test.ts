import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { completion, startChat, toolCall } from "../../test/support/chat-server.ts";
import { type Answer, type Handler, type LoopbackServer, startServer } from "../../test/support/server.ts";
import { ConfigError } from "../errors/errors.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { openai } from "../providers/openai/index.ts";
import { fetchPage, httpRequest, type SearchService, ToolFailure, type WebOptions, webSearch } from "./index.ts";
import { pageText } from "./page-text.ts";
import { orFailure } from "./tool-failure.ts";

const run = { toolCallId: "1" };
const html = { "content-type": "text/html; charset=utf-8" };
const plain = { "content-type": "text/plain" };
const hostOf = (server: LoopbackServer) => new URL(server.url).host;
const text =
  (body: string, headers = plain): Handler =>
  (answer) =>
    answer.send(200, headers, body);
const moved =
  (location: string, status = 302): Handler =>
  (answer) =>
    answer.send(status, { location }, "");
const byPath =
  (routes: Readonly<Record<string, Handler>>): Handler =>
  (answer: Answer) => {
    const handler = routes[answer.request.path];
    return handler === undefined ? answer.send(404, plain, "no such thing") : handler(answer);
  };

/** The tools with the server's own host allowed, which stands on loopback. */
const readFrom = (server: LoopbackServer, path = "/", options: WebOptions = {}, signal?: AbortSignal) =>
  fetchPage({ privateHosts: [hostOf(server)], ...options }).call(
    { url: server.url + path },
    { ...run, ...(signal && { signal }) },
  );

async function failureOf(given: Promise<unknown>): Promise<[string, string]> {
  const failure = await given;
  if (!(failure instanceof ToolFailure)) throw new Error(`It gave ${JSON.stringify(failure)}`);
  return [failure.code, failure.message];
}

// checklist: 122
describe("fetch_page", () => {
  test("gives what a person reads: the main text, lines trimmed, without menus and scripts", async () => {
    const page = `<!doctype html><title>T</title><style>p{}</style><nav>Menu</nav><header>Top</header>
      <main>  <h1>Dune</h1>\n\n<p>By <a href="/frank">Frank   Herbert</a>.<script>x()</script></p><aside>Ad</aside>
      <ul><li>Spice &amp; sand</li></ul></main><footer>Foot</footer>`;
    await using server = await startServer(text(page, html));
    expect(await readFrom(server)).toBe("Dune\nBy Frank Herbert.\n* Spice & sand");
    const [request] = server.requests;
    expect([request?.method, request?.path, request?.text]).toEqual(["GET", "/", ""]);
    const { host, accept, ...rest } = request?.headers ?? {};
    expect([host, accept]).toEqual([
      hostOf(server),
      "text/html, application/xhtml+xml, text/*;q=0.9, application/json;q=0.8",
    ]);
    expect(rest).not.toHaveProperty("authorization");
    expect(rest).not.toHaveProperty("cookie");
  });

  test.each([
    ["<body><article>One</article><div class='main'>no</div></body>", "One"],
    ["<body><p>no</p><div class='page-content'>Two</div></body>", "Two"],
    ["<body><p>Three</p><nav>no</nav></body>", "Three"],
    ["<body><nav>no</nav></body>", "The page has no text."],
    [`${"<div>".repeat(5000)}deep`, "[Nested too deeply.]"],
  ])("finds the place of the text in %.40s", async (page, found) => {
    await using server = await startServer(text(page, html));
    expect(await readFrom(server)).toBe(found);
  });

  test("reads text of other types as it is, in the encoding it names; nothing that is no text", async () => {
    const latin = Buffer.from("caf\u00e9", "latin1");
    await using server = await startServer(
      byPath({
        "/latin": (answer) => answer.send(200, { "content-type": "text/plain; charset=iso-8859-1" }, latin),
        "/json": text('{"a":1}', { "content-type": "application/json" }),
        "/picture": text("\u0089PNG", { "content-type": "image/png" }),
        "/none": (answer) => answer.send(200, {}, "x"),
        "/odd": text("x", { "content-type": "text/plain; charset=klingon" }),
      }),
    );
    expect(await readFrom(server, "/latin")).toBe("café");
    expect(await readFrom(server, "/json")).toBe('{"a":1}');
    expect(await failureOf(readFrom(server, "/picture"))).toEqual(["refused", 'The answer is "image/png", not text.']);
    expect(await failureOf(readFrom(server, "/none"))).toEqual([
      "refused",
      "The answer is of no known type, not text.",
    ]);
    expect((await failureOf(readFrom(server, "/odd")))[1]).toContain('"klingon"');
    expect(await failureOf(readFrom(server, "/gone"))).toEqual(["failed", "The page answered 404 Not Found"]);
  });

  test("a page that takes too long is given up, and its run's signal ends it", async () => {
    await using server = await startServer(text(`<p>x</p>${"<i>y</i>".repeat(50_000)}`, html));
    const page = `<p>x</p>${"<i>y</i>".repeat(50_000)}`;
    expect(await failureOf(orFailure(undefined, () => pageText(page, 1, undefined)))).toEqual([
      "limit",
      "The page cannot be made into text within 1 ms.",
    ]);
    const reason = new Error("left");
    const controller = new AbortController();
    const waiting = pageText(page, 60_000, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(await readFrom(server, "/", { maxCharacters: 3 })).toMatch(/^x\ny\n\[Cut here: \d+ more characters.\]$/);
  });

  test.each(["file:///etc/hostname", "ftp://example.org/", "data:text/plain,x", "javascript:1", "x", "//", "http://"])(
    "refuses %s before anything is asked",
    async (url) => {
      const lookup = () => Promise.reject(new Error("asked"));
      expect((await failureOf(fetchPage({ lookup }).call({ url }, run)))[0]).toBe("refused");
    },
  );

  test.each([
    "localhost",
    "127.0.0.1",
    "127.1",
    "0x7f.1",
    "2130706433",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fc00::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[4000::1]",
  ])("refuses the private host %s", async (host) => {
    await using server = await startServer(text("inside"));
    const { port } = new URL(server.url);
    const [code, message] = await failureOf(fetchPage().call({ url: `http://${host}:${port}/` }, run));
    expect([code, message]).toEqual(["refused", expect.stringContaining("not on the public internet")]);
    expect(server.connections).toBe(0);
  });

  test("refuses a name that means a private address, also one of several; what it checked is what it connects to", async () => {
    await using server = await startServer(text("inside"));
    const { port } = new URL(server.url);
    const url = `http://pages.test:${port}/`;
    for (const found of [["127.0.0.1"], ["192.0.2.1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"]]) {
      const lookup = () => Promise.resolve(found);
      expect((await failureOf(fetchPage({ lookup }).call({ url }, run)))[0]).toBe("refused");
    }
    for (const lookup of [() => Promise.resolve([]), () => Promise.reject(new Error("x")), async () => ["nonsense"]]) {
      expect((await failureOf(fetchPage({ lookup }).call({ url }, run)))[0]).toBe("failed");
    }
    expect(server.connections).toBe(0);
    const asked: string[] = [];
    const lookup = async (host: string) => {
      asked.push(host);
      return ["127.0.0.1"];
    };
    const options = { lookup, privateHosts: ["pages.test"] };
    expect(await fetchPage(options).call({ url }, run)).toBe("inside");
    expect(asked).toEqual(["pages.test"]);
    expect(server.requests[0]?.headers.host).toBe(`pages.test:${port}`);
  });

  test("asks only the hosts on its list, a user in the address is refused", async () => {
    await using server = await startServer(text("inside"));
    const refused = async (url: string, hosts: string[]) =>
      (await failureOf(fetchPage({ hosts, privateHosts: ["*"] }).call({ url }, run)))[0];
    expect(await refused(server.url, ["example.org", "*.example.org"])).toBe("refused");
    expect(await refused("http://notexample.org/", ["example.org", "*.example.org"])).toBe("refused");
    expect(await refused(`http://me:secret@${hostOf(server)}/`, ["*"])).toBe("refused");
    expect(server.connections).toBe(0);
    expect(await readFrom(server, "/", { hosts: ["127.0.0.1"] })).toBe("inside");
  });

  test("checks each redirect as it checked the first address", async () => {
    await using inner = await startServer(text("inside"));
    await using server = await startServer(
      byPath({
        "/inner": moved(inner.url),
        "/file": moved("file:///etc/hostname"),
        "/loop": moved("/loop"),
        "/one": moved("/two", 301),
        "/two": moved("/three", 308),
        "/three": text("there"),
      }),
    );
    expect((await failureOf(readFrom(server, "/inner")))[0]).toBe("refused");
    expect((await failureOf(readFrom(server, "/file")))[1]).toContain('"file:"');
    expect(inner.connections).toBe(0);
    expect(await readFrom(server, "/one")).toBe("there");
    const before = server.requests.length;
    expect(await failureOf(readFrom(server, "/loop"))).toEqual(["limit", "The address redirects more than 5 times."]);
    expect(server.requests.length - before).toBe(6);
    expect((await failureOf(readFrom(server, "/one", { maxRedirects: 1 })))[0]).toBe("limit");
  });

  test("reads no more than the limit, told ahead or not, packed or not", async () => {
    const large = "x".repeat(2000);
    await using server = await startServer(
      byPath({
        "/told": text(large),
        "/untold": async (answer) => {
          answer.head(200, plain);
          await answer.write(large);
          await answer.end();
        },
        "/packed": (answer) => answer.send(200, { ...plain, "content-encoding": "gzip" }, gzipSync(large)),
        "/fits": (answer) => answer.send(200, { ...plain, "content-encoding": "gzip" }, gzipSync("small")),
      }),
    );
    for (const path of ["/told", "/untold", "/packed"]) {
      const failure = await failureOf(readFrom(server, path, { maxBytes: 1000 }));
      expect(failure).toEqual(["limit", "The answer is larger than 1000 bytes."]);
    }
    expect(await readFrom(server, "/fits", { maxBytes: 1000 })).toBe("small");
    expect(await readFrom(server, "/told", { maxCharacters: 5 })).toBe("xxxxx\n[Cut here: 1995 more characters.]");
  });

  test("ends by its time and by the run's signal; the connection is closed", async () => {
    const silent: Handler = () => undefined;
    const half: Handler = async (answer) => {
      answer.head(200, plain);
      await answer.write("x");
    };
    for (const handler of [silent, half]) {
      await using server = await startServer(handler);
      const late = await failureOf(readFrom(server, "/", { timeout: 200 }));
      expect(late).toEqual(["limit", "There was no whole answer within 200 ms."]);
      await server.clientClosed;
    }
    await using server = await startServer(silent);
    const controller = new AbortController();
    const waiting = readFrom(server, "/", {}, controller.signal);
    await expect.poll(() => server.requests.length).toBe(1);
    const reason = new Error("left");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await server.clientClosed;
    await expect(readFrom(server, "/", {}, AbortSignal.abort(reason))).rejects.toBe(reason);
    const never = { lookup: () => new Promise<never>(() => undefined), timeout: 50 };
    expect((await failureOf(fetchPage(never).call({ url: "http://pages.test/" }, run)))[0]).toBe("limit");
  });

  test("a connection that fails is told without addresses", async () => {
    const server = await startServer(text("x"));
    await server.close();
    const host = hostOf(server);
    expect(await failureOf(readFrom(server))).toEqual(["failed", `The request to "${host}" failed: ECONNREFUSED.`]);
  });

  test("in a loop, a failure is told to the model and the run goes on", async () => {
    await using inner = await startServer(text("inside"));
    await using chat = await startChat(
      completion({ tool_calls: [toolCall("fetch_page", { url: inner.url })] }),
      completion({ content: "I cannot." }),
    );
    const call = openai.call("m", { client: chat.client, tools: [fetchPage()] }, (question: string) => question);
    const result = await toolLoop(call, { toolErrors: "throw" })("Read it.");
    expect(result.response?.content).toBe("I cannot.");
    expect(chat.bodies[1]?.messages).toEqual([
      { role: "user", content: "Read it." },
      expect.objectContaining({ role: "assistant" }),
      {
        role: "tool",
        tool_call_id: "call_1",
        content: 'The host "127.0.0.1" is not on the public internet; only such hosts are allowed.',
      },
    ]);
    expect(inner.connections).toBe(0);
  });
});

// checklist: 122
describe("http_request", () => {
  const local = (server: LoopbackServer) => ({ privateHosts: [hostOf(server)] });

  test("sends query, headers and a JSON body by the methods it is allowed", async () => {
    await using server = await startServer(text("made"));
    const request = httpRequest({ ...local(server), methods: ["GET", "POST"], headers: () => ({ "x-key": "ours" }) });
    const args = { url: `${server.url}/books?a=1`, params: { q: "x y" }, headers: { "X-Own": "1" } };
    expect(await request.call({ ...args, method: "POST", json: { title: "Dune" } }, run)).toBe("made");
    const [sent] = server.requests;
    expect([sent?.method, sent?.path, sent?.body]).toEqual(["POST", "/books?a=1&q=x+y", { title: "Dune" }]);
    expect(sent?.headers).toMatchObject({ "x-own": "1", "x-key": "ours", "content-type": "application/json" });
    await request.call({ url: server.url, method: "POST", data: "plain" }, run);
    expect(server.requests[1]?.text).toBe("plain");
  });

  test("its schema has only what is allowed", async () => {
    await using chat = await startChat(completion({ content: "x" }));
    await openai.call("m", { client: chat.client, tools: [httpRequest()] }, () => "x")();
    expect(chat.bodies[0]?.tools).toEqual([
      {
        type: "function",
        function: {
          name: "http_request",
          description: "Sends an HTTP request and gives the text of the answer.",
          parameters: {
            type: "object",
            properties: {
              url: { type: "string", description: "The address, with http or https." },
              method: { type: "string", enum: ["GET", "HEAD", "OPTIONS"], default: "GET" },
              params: {
                type: "object",
                additionalProperties: { type: "string" },
                description: "Added to the query of the address.",
              },
              headers: { type: "object", additionalProperties: { type: "string" } },
              follow_redirects: { type: "boolean", default: true },
            },
            required: ["url"],
            additionalProperties: false,
          },
        },
      },
    ]);
    await using again = await startChat(
      completion({ tool_calls: [toolCall("http_request", { url: "http://example.org", method: "DELETE" })] }),
    );
    const response = await openai.call("m", { client: again.client, tools: [httpRequest()] }, () => "x")();
    expect(() => response.tool?.args).toThrow("method");
  });

  test("tells status and text of what is no success, and the head where there is no body", async () => {
    await using server = await startServer((answer) => {
      if (answer.request.method === "HEAD") return answer.send(200, { ...plain, etag: '"1"', "x-inner": "secret" }, "");
      if (answer.request.path === "/empty") return answer.send(204, {}, "");
      answer.send(404, plain, "no such book");
    });
    const request = httpRequest(local(server));
    expect(await failureOf(request.call({ url: server.url }, run))).toEqual(["failed", "404 Not Found\nno such book"]);
    expect(await request.call({ url: server.url, method: "HEAD" }, run)).toBe(
      '200 OK\ncontent-length: 0\ncontent-type: text/plain\netag: "1"',
    );
    expect(await request.call({ url: `${server.url}/empty` }, run)).toBe("204 No Content");
  });

  test("another origin gets neither the model's headers nor ours; the method follows the standard", async () => {
    await using other = await startServer(text("there"));
    await using server = await startServer(
      byPath({
        "/away": moved(other.url, 303),
        "/again": moved("/end", 307),
        "/end": text("end"),
        "/stay": moved("/end"),
      }),
    );
    const methods = ["GET", "POST", "OPTIONS"] as const;
    const headers = ({ host }: URL): Record<string, string> => (host === hostOf(server) ? { "x-key": "ours" } : {});
    const request = httpRequest({ privateHosts: [hostOf(server), hostOf(other)], methods, headers });
    const args = { method: "POST", json: [1], headers: { authorization: "Bearer x", accept: "text/plain" } } as const;
    expect(await request.call({ ...args, url: `${server.url}/away` }, run)).toBe("there");
    const [away] = other.requests;
    expect([away?.method, away?.text, away?.headers.accept]).toEqual(["GET", "", "text/plain"]);
    expect(away?.headers).not.toHaveProperty("authorization");
    expect(away?.headers).not.toHaveProperty("x-key");
    await request.call({ ...args, url: `${server.url}/again` }, run);
    const [, , kept] = server.requests;
    expect([kept?.method, kept?.body, kept?.headers.authorization]).toEqual(["POST", [1], "Bearer x"]);
    const stayed = request.call({ url: `${server.url}/stay`, method: "OPTIONS", follow_redirects: false }, run);
    expect(await failureOf(stayed)).toEqual(["failed", "302 Found\ncontent-length: 0\nlocation: /end"]);
  });

  test.each([
    [{ headers: { host: "inner" } }, "not the model's to set"],
    [{ headers: { "Transfer-Encoding": "chunked" } }, "not the model's to set"],
    [{ headers: { "x-a": "1\r\nx-b: 2" } }, "not a valid one"],
    [{ headers: { "x a": "1" } }, "not a valid one"],
    [{ json: 1 }, "A GET request has no body."],
    [{ method: "POST", json: 1, data: "x" }, "not both"],
  ] as const)("refuses %j before anything is sent", async (args, sentence) => {
    await using server = await startServer(text("x"));
    const request = httpRequest({ ...local(server), methods: ["GET", "POST"] });
    const [code, message] = await failureOf(request.call({ url: server.url, ...args }, run));
    expect([code, message]).toEqual(["refused", expect.stringContaining(sentence)]);
    expect(server.connections).toBe(0);
  });
});

// checklist: 122
describe("web_search", () => {
  const search: SearchService = async (query, { count }) => {
    if (query === "broken") throw new TypeError("key sk-secret");
    if (query === "nothing") return [];
    return Array.from({ length: count + 1 }, (_, index) => ({
      title: `${query} ${index}`,
      url: `https://example.org/${index}`,
      ...(index === 0 && { snippet: "A book." }),
    }));
  };

  test("gives two results a query; one that fails is a line with the kind of its error", async () => {
    const found = await webSearch({ search }).call({ queries: ["dune", "broken", "nothing"] }, run);
    expect(found).toBe(
      "dune 0\nhttps://example.org/0\nA book.\n\ndune 1\nhttps://example.org/1\n\n" +
        "The search failed: TypeError\n\nNothing was found.",
    );
    const failed = await failureOf(webSearch({ search }).call({ queries: ["broken"] }, run));
    expect(failed).toEqual(["failed", "The search failed: TypeError"]);
  });

  test("ends by its time and by the run's signal", async () => {
    const silent: SearchService = () => new Promise(() => undefined);
    const late = webSearch({ search: silent, timeout: 20 }).call({ queries: ["x"] }, run);
    expect(await failureOf(late)).toEqual(["failed", "The search failed: TimeoutError"]);
    const controller = new AbortController();
    const waiting = webSearch({ search: silent }).call({ queries: ["x"] }, { ...run, signal: controller.signal });
    const reason = new Error("left");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});

test.each([
  [() => fetchPage({ host: ["x"] } as never), 'no option "host"'],
  [() => fetchPage({ hosts: ["http://example.org/"] }), "without scheme or path"],
  [() => fetchPage({ privateHosts: "x" as never }), "a list of hosts"],
  [() => fetchPage({ maxBytes: 0 }), "maxBytes"],
  [() => fetchPage({ timeout: 0 }), "timeout"],
  [() => httpRequest({ methods: ["TRACE" as never] }), "TRACE"],
  [() => httpRequest({ methods: [] }), "at least one"],
  [() => webSearch({} as never), "needs a service"],
  [() => webSearch({ search: 1 as never }), "function"],
])("options that cannot be are refused where the tool is made: %s", (make, sentence) => {
  expect(make).toThrow(ConfigError);
  expect(make).toThrow(sentence);
});
