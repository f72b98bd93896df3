import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createMCPClient } from "@ai-sdk/mcp";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { type } from "arktype";
import OpenAI from "openai";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { chunk, completion, startChat, textChunks, toolCall } from "../../test/support/chat-server.ts";
import { sse } from "../../test/support/fault-server.ts";
import { startProgram } from "../../test/support/mcp-servers.ts";
import { startServer } from "../../test/support/server.ts";
import { ConfigError } from "../errors/errors.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { audio, document, image } from "../message/media.ts";
import { Messages } from "../message/message.ts";
import { promptTemplate } from "../prepare/prompt.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";
import { ToolError } from "../tools/tool-error.ts";
import { callTool, mcpServer, type ServedContext, type ServedMcp, servePrompt } from "./index.ts";

const support = join(import.meta.dirname, "../../test/support");
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const wav = Buffer.from("UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAAAAA==", "base64");
const pdf = Buffer.from("%PDF-1.4\n%%EOF\n");

/** A server of ours at an address of this machine. */
async function listen(server: ServedMcp) {
  const handle = toNodeHandler(server);
  // Node's own request has its method or `undefined`, the package's type the method or nothing: the same object.
  const http = createServer((request, response) => void handle(request as Parameters<typeof handle>[0], response));
  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
  const url = new URL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`);
  return {
    url,
    async [Symbol.asyncDispose]() {
      await server.close();
      http.close();
      http.closeAllConnections();
    },
  };
}

async function connect(url: URL, protocol: string) {
  const mode = protocol === "2025-11-25" ? "legacy" : ({ pin: protocol } as const);
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(url));
  return client;
}

const find = tool({
  name: "find_book",
  description: "Finds a book.",
  parameters: z.object({ isbn: z.string().regex(/^\d+$/), lang: z.enum(["en", "de"]).default("en") }),
  call: ({ isbn, lang }) => ({ isbn, lang, pages: 544 }),
});

// checklist: 126
describe.each(["2025-11-25", "2026-07-28"])(
  "our server in the revision %s, asked by the official client",
  (protocol) => {
    const ask = async <T>(options: Partial<Parameters<typeof mcpServer>[0]>, work: (client: Client) => Promise<T>) => {
      await using http = await listen(mcpServer({ name: "books", version: "1.0.0", ...options }));
      const client = await connect(http.url, protocol);
      expect(client.getNegotiatedProtocolVersion()).toBe(protocol);
      try {
        return await work(client);
      } finally {
        await client.close();
      }
    };

    test("lists tools of every schema library, checks arguments, gives data as text and as structure", async () => {
      const tools = [
        find,
        tool({ name: "valibot", parameters: v.object({ n: v.number() }), call: ({ n }) => n + 1 }),
        tool({ name: "arktype", parameters: type({ n: "number" }), call: ({ n }) => [n] }),
        tool({
          name: "plain",
          parameters: { type: "object", properties: { n: { type: "number" } } },
          call: (args) => args,
        }),
        tool({ name: "none", call: () => undefined }),
      ];
      await ask({ tools, instructions: "Ask in English.", title: "Books" }, async (client) => {
        expect(client.getInstructions()).toBe("Ask in English.");
        expect(client.getServerVersion()).toMatchObject({ name: "books", title: "Books", version: "1.0.0" });
        const listed = (await client.listTools()).tools;
        expect(listed.map(({ name }) => name)).toEqual(["find_book", "valibot", "arktype", "plain", "none"]);
        expect(listed[0]).toMatchObject({
          description: "Finds a book.",
          inputSchema: {
            type: "object",
            properties: {
              isbn: { type: "string", pattern: "^\\d+$" },
              lang: { type: "string", enum: ["en", "de"], default: "en" },
            },
            required: ["isbn"],
          },
        });
        const given = await client.callTool({ name: "find_book", arguments: { isbn: "7" } });
        expect(given).toMatchObject({
          content: [{ type: "text", text: '{"isbn":"7","lang":"en","pages":544}' }],
          structuredContent: { isbn: "7", lang: "en", pages: 544 },
        });
        expect(given.isError).toBeUndefined();
        expect((await client.callTool({ name: "valibot", arguments: { n: 1 } })).content).toEqual([
          { type: "text", text: "2" },
        ]);
        const array = await client.callTool({ name: "arktype", arguments: { n: 1 } });
        expect([array.content, array.structuredContent]).toEqual([[{ type: "text", text: "[1]" }], undefined]);
        expect((await client.callTool({ name: "none" })).content).toEqual([{ type: "text", text: "null" }]);
        const wrong = await client.callTool({ name: "find_book", arguments: { isbn: "x" } });
        expect([wrong.isError, JSON.stringify(wrong.content)]).toEqual([true, expect.stringContaining("isbn")]);
        await expect(client.callTool({ name: "nothing" })).rejects.toMatchObject({ code: -32602 });
      });
    });

    test("gives media as the protocol has them", async () => {
      const all = tool({
        name: "all",
        call: () => [
          "look",
          image(png),
          audio(wav),
          document(pdf, { name: "a b.pdf" }),
          image("https://example.org/x.png"),
        ],
      });
      await ask({ tools: [all] }, async (client) => {
        expect((await client.callTool({ name: "all" })).content).toEqual([
          { type: "text", text: "look" },
          { type: "image", data: png.toString("base64"), mimeType: "image/png" },
          { type: "audio", data: wav.toString("base64"), mimeType: "audio/wav" },
          {
            type: "resource",
            resource: { uri: "document:a%20b.pdf", mimeType: "application/pdf", blob: pdf.toString("base64") },
          },
          { type: "resource_link", uri: "https://example.org/x.png", name: "image" },
        ]);
      });
    });

    test("tells of errors that were given, hides what was thrown", async () => {
      const told: unknown[] = [];
      const secret = new Error("key sk-secret");
      const tools = [
        tool({ name: "given", call: () => new Error("no such book") }),
        tool({ name: "thrown", call: () => Promise.reject(secret) }),
        tool({ name: "bytes", call: () => png }),
      ];
      const texts = async (client: Client) =>
        Promise.all(
          tools.map(async ({ name }) => {
            const { isError, content } = await client.callTool({ name });
            return [isError, (content as { text?: string }[])[0]?.text];
          }),
        );
      const onError = (error: unknown, name: string) => void told.push([name, error]);
      const hidden = await ask({ tools, onError }, texts);
      expect(hidden).toEqual([
        [true, "no such book"],
        [true, 'The tool "thrown" failed.'],
        [true, expect.stringMatching(/^The tool "bytes" failed/)],
      ]);
      expect(told).toContainEqual(["thrown", secret]);
      expect((await ask({ tools, exposeErrors: true }, texts))[1]).toEqual([true, "key sk-secret"]);
    });

    test("reports progress, and ends a tool when its client leaves", async () => {
      const { promise: ended, resolve } = Promise.withResolvers<unknown>();
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
      const slow = tool({
        name: "slow",
        call: (_, { report, signal }: ServedContext) => {
          report?.({ progress: 1, total: 2, message: "half" });
          begin();
          return new Promise(() => signal?.addEventListener("abort", () => resolve("left"), { once: true }));
        },
      });
      await ask({ tools: [slow] }, async (client) => {
        const seen: unknown[] = [];
        const controller = new AbortController();
        const options = { signal: controller.signal, onprogress: (progress: unknown) => void seen.push(progress) };
        const waiting = client.callTool({ name: "slow" }, options);
        waiting.catch(() => undefined);
        await begun;
        await expect.poll(() => seen).toEqual([{ progress: 1, total: 2, message: "half" }]);
        controller.abort(new Error("left"));
        await expect(waiting).rejects.toThrow();
        // The revision of 2025 has no session here: what is taken back is not found again, but the connection's end is seen.
        if (protocol === "2025-11-25") await client.close();
        expect(await ended).toBe("left");
      });
    });

    test("gives prompts, system messages as the user's", async () => {
      const review = servePrompt(promptTemplate("SYSTEM: You review {lang}.\nUSER: {code}"), {
        name: "review",
        title: "Review",
        description: "Reviews code.",
        parameters: z.object({ lang: z.string().describe("The language."), code: z.string() }),
      });
      const look = servePrompt(() => [Messages.user(["Look:", image(png)]), Messages.assistant("A dot.")], {
        name: "look",
      });
      const failing = servePrompt(() => Promise.reject(new Error("sk-secret")), { name: "failing" });
      const told: unknown[] = [];
      const onError = (error: unknown, name: string) => void told.push([name, String(error)]);
      await ask({ prompts: [review, look, failing], onError }, async (client) => {
        const [listed] = (await client.listPrompts()).prompts;
        expect(listed).toMatchObject({
          name: "review",
          title: "Review",
          description: "Reviews code.",
          arguments: [
            { name: "lang", description: "The language.", required: true },
            { name: "code", required: true },
          ],
        });
        const given = await client.getPrompt({ name: "review", arguments: { lang: "TypeScript", code: "x" } });
        expect(given.messages).toEqual([
          { role: "user", content: { type: "text", text: "You review TypeScript." } },
          { role: "user", content: { type: "text", text: "x" } },
        ]);
        expect((await client.getPrompt({ name: "look" })).messages).toEqual([
          { role: "user", content: { type: "text", text: "Look:" } },
          { role: "user", content: { type: "image", data: png.toString("base64"), mimeType: "image/png" } },
          { role: "assistant", content: { type: "text", text: "A dot." } },
        ]);
        const failed = await client.getPrompt({ name: "failing" }).catch((error: unknown) => error);
        expect(String(failed)).toContain('The prompt "failing" could not be written.');
        expect(String(failed)).not.toContain("sk-secret");
        expect(told).toEqual([["failing", "Error: sk-secret"]]);
        await expect(client.getPrompt({ name: "review", arguments: { lang: "x" } })).rejects.toMatchObject({
          code: -32602,
        });
      });
    });

    test("serves standard input and output, too", { timeout: 30_000 }, async () => {
      const mode = protocol === "2025-11-25" ? "legacy" : ({ pin: protocol } as const);
      const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
      const program = join(support, "mcp-stdio-server.ts");
      await client.connect(new StdioClientTransport({ command: process.execPath, args: [program], stderr: "inherit" }));
      const given = await client.callTool({ name: "echo", arguments: { text: "hi" } });
      expect(given.structuredContent).toEqual({ text: "hi" });
      await client.close();
    });
  },
);

// checklist: 119, 126
describe("a call as a tool", () => {
  const parameters = z.object({ topic: z.string() });
  const served = async (
    one: ReturnType<typeof callTool>,
    onprogress?: (progress: { message?: string | undefined }) => void,
  ) => {
    await using http = await listen(mcpServer({ name: "calls", version: "1", tools: [one] }));
    const client = await connect(http.url, "2026-07-28");
    try {
      return await client.callTool({ name: one.name, arguments: { topic: "sand" } }, onprogress && { onprogress });
    } finally {
      await client.close();
    }
  };
  const text = (value: string) => [{ type: "text", text: value }];

  test("gives the text of an answer; a response model's value; a stream as it comes", async () => {
    await using chat = await startChat(completion({ content: "Dune" }));
    const write = openai.call("m", { client: chat.client }, (topic: string) => `A book on ${topic}`);
    const whole = callTool(write, { name: "write", parameters, args: ({ topic }) => [topic] });
    expect((await served(whole)).content).toEqual(text("Dune"));
    expect(chat.bodies[0]?.messages).toEqual([{ role: "user", content: "A book on sand" }]);

    await using typed = await startChat(completion({ content: '{"title":"Dune"}' }));
    const responseModel = z.object({ title: z.string() });
    const one = ({ topic }: { topic: string }) => `A book on ${topic}`;
    const value = openai.call("m", { client: typed.client, responseModel, jsonMode: true }, one);
    expect(await served(callTool(value, { name: "value", parameters }))).toMatchObject({
      content: text('{"title":"Dune"}'),
      structuredContent: { title: "Dune" },
    });

    // The second piece comes when the first was heard of: the SDK's client tells nobody of what comes with the result.
    const seen: unknown[] = [];
    const { promise: heard, resolve: hear } = Promise.withResolvers<void>();
    await using streaming = await startServer(async (answer) => {
      const [first = "", ...rest] = sse(...textChunks("Du", "ne"), "[DONE]");
      answer.head(200, { "content-type": "text/event-stream" });
      await answer.write(first);
      await heard;
      await answer.write(rest.join(""));
      await answer.end();
    });
    const client = new OpenAI({ apiKey: "key", baseURL: streaming.url, maxRetries: 0 });
    const stream = openai.call("m", { client, stream: true }, one);
    const given = await served(callTool(stream, { name: "stream", parameters }), ({ message }) => {
      seen.push(message);
      hear();
    });
    expect(given.content).toEqual(text("Dune"));
    expect(seen[0]).toBe("Du");

    await using pieces = await startChat(textChunks('{"title":', '"Dune"}'));
    const structured = openai.call("m", { client: pieces.client, stream: true, responseModel, jsonMode: true }, one);
    expect((await served(callTool(structured, { name: "pieces", parameters }))).structuredContent).toEqual({
      title: "Dune",
    });
  });

  test("gives what a tool loop comes to; one that waits for a person is an error", async () => {
    const calls = completion({ tool_calls: [toolCall("find_book", { isbn: "7" })] });
    await using chat = await startChat(calls, completion({ content: "544 pages" }), calls);
    const ask = openai.call("m", { client: chat.client, tools: [find] }, ({ topic }: { topic: string }) => topic);
    expect((await served(callTool(toolLoop(ask), { name: "agent", parameters }))).content).toEqual(text("544 pages"));
    const careful = callTool(toolLoop(ask, { needsApproval: () => true }), { name: "careful", parameters });
    expect(await served(careful)).toMatchObject({
      isError: true,
      content: text("It needs a person's approval, which nobody can give here."),
    });
  });

  test.each([
    [completion({ content: "Du", finish: "length" }), "The answer was cut off by the token limit. It begins: Du"],
    [completion({ content: "", finish: "content_filter" }), "The answer was blocked by a content filter."],
    [completion({ refusal: "No." }), "The model refused: No."],
    [
      completion({ tool_calls: [toolCall("find_book", { isbn: "7" })] }),
      "The model asked for tools in place of an answer.",
    ],
  ])("is an error where the answer is not whole: %#", async (answer, sentence) => {
    await using chat = await startChat(answer);
    const ask = openai.call("m", { client: chat.client, tools: [find] }, ({ topic }: { topic: string }) => topic);
    const given = await served(callTool(ask, { name: "ask", parameters }));
    expect(given).toMatchObject({ isError: true, content: text(sentence) });
  });

  test("can be used by another call, and ends with its run", async () => {
    await using inner = await startChat(completion({ content: "Sand is fine." }));
    const expert = openai.call("m", { client: inner.client }, ({ topic }: { topic: string }) => `Tell of ${topic}.`);
    const tools = [callTool(expert, { name: "expert", description: "Knows.", parameters })];
    await using outer = await startChat(
      completion({ tool_calls: [toolCall("expert", { topic: "sand" })] }),
      completion({ content: "Fine." }),
    );
    const ask = openai.call("m", { client: outer.client, tools }, (question: string) => question);
    expect((await toolLoop(ask)("What of sand?")).response?.content).toBe("Fine.");
    expect(outer.bodies[1]?.messages).toMatchObject([{}, {}, { role: "tool", content: "Sand is fine." }]);
    expect(inner.bodies[0]?.messages).toEqual([{ role: "user", content: "Tell of sand." }]);

    await using silent = await startChat([chunk({ content: "Du" })]);
    const stream = openai.call("m", { client: silent.client, stream: true }, ({ topic }: { topic: string }) => topic);
    const reason = new Error("left");
    const context = { toolCallId: "1", signal: AbortSignal.abort(reason) };
    await expect(callTool(stream, { name: "s", parameters }).call({ topic: "x" }, context)).rejects.toBe(reason);
    expect(silent.requests).toHaveLength(0);
  });
});

test("another client, the AI SDK's, uses our tools and hears of their errors", async () => {
  const failing = tool({ name: "failing", call: () => new Error("no such book") });
  await using http = await listen(mcpServer({ name: "books", version: "1", tools: [find, failing] }));
  const client = await createMCPClient({ transport: { type: "http", url: http.url.href } });
  try {
    const tools = await client.tools();
    expect(Object.keys(tools)).toEqual(["find_book", "failing"]);
    const context = { toolCallId: "1", messages: [], context: {} };
    expect(await tools.find_book?.execute?.({ isbn: "7" }, context)).toMatchObject({
      structuredContent: { isbn: "7", lang: "en", pages: 544 },
    });
    expect(await tools.failing?.execute?.({}, context)).toMatchObject({ isError: true });
  } finally {
    await client.close();
  }
});

describe("over HTTP", () => {
  const list = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const post = (url: string, more: Readonly<Record<string, string>> = {}) =>
    new Request(url, { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify(list) });

  test("a request under another host's name or from another origin's page is refused", async () => {
    await using server = mcpServer({ name: "books", version: "1", tools: [find] });
    const statusOf = async (request: Request) => (await server.fetch(request)).status;
    expect(await statusOf(post("http://127.0.0.1/mcp"))).toBe(200);
    expect(await statusOf(post("http://localhost:3000/mcp", { origin: "http://localhost:5173" }))).toBe(200);
    expect(await statusOf(post("http://127.0.0.1/mcp", { host: "evil.example" }))).toBe(403);
    expect(await statusOf(post("http://evil.example/mcp"))).toBe(403);
    expect(await statusOf(post("http://127.0.0.1/mcp", { origin: "https://evil.example" }))).toBe(403);
    await using hosted = mcpServer({ name: "books", version: "1", hosts: ["api.example.org"] });
    expect((await hosted.fetch(post("https://api.example.org/mcp"))).status).not.toBe(403);
    expect((await hosted.fetch(post("http://127.0.0.1/mcp"))).status).toBe(403);
  });

  test("its method can be detached, and a server of the SDK be made for another way", async () => {
    await using server = mcpServer({ name: "books", version: "1", tools: [find] });
    const { fetch } = server;
    expect(await (await fetch(post("http://localhost/mcp"))).text()).toContain("find_book");
    const made = await server.create();
    expect(made.isConnected()).toBe(false);
  });
});

describe("the protocol's conformance suite", { timeout: 120_000 }, () => {
  const require = createRequire(import.meta.url);
  const suite = join(dirname(require.resolve("@modelcontextprotocol/conformance/package.json")), "dist/index.js");
  // What our server does not offer: logs, completions, resources, and questions back to the client; and sessions, without
  // which the suite only warns that it cannot open several streams in one.
  const absent = [
    "server-sse-multiple-streams",
    "logging-set-level",
    "completion-complete",
    "tools-call-with-logging",
    "tools-call-sampling",
    "tools-call-elicitation",
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
    "resources-list",
    "resources-read-text",
    "resources-read-binary",
    "resources-templates-read",
    "resources-subscribe",
    "resources-unsubscribe",
  ];
  const run = async (...args: string[]) => {
    const folder = mkdtempSync(join(tmpdir(), "callscope-conformance-"));
    try {
      const baseline = join(folder, "baseline.yml");
      writeFileSync(baseline, `server:\n${absent.map((name) => `  - ${name}\n`).join("")}`);
      const expected = args[0] === "server" && !args.includes("--scenario") ? ["--expected-failures", baseline] : [];
      const ran = promisify(execFile)(process.execPath, [suite, ...args, ...expected], { cwd: folder });
      return await ran.then(
        ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
        (error: { code: number; stdout: string; stderr: string }) => ({
          code: error.code,
          said: error.stdout + error.stderr,
        }),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test("passes for our server in all that it offers", async () => {
    const program = join(support, "mcp-conformance-server.ts");
    await using server = await startProgram([program], (said) => /http:\S+/.exec(said)?.[0]);
    const { code, said } = await run("server", "--url", server.url);
    expect(said).toContain("✓ tools-call-mixed-content: 1 passed, 0 failed");
    expect(said).toContain("✓ dns-rebinding-protection: 2 passed, 0 failed");
    expect(said).toMatch(/Total: 17 passed, 13 failed/);
    expect(code, said).toBe(0);
    const schema = await run("server", "--url", server.url, "--scenario", "json-schema-2020-12");
    expect(schema.code, schema.said).toBe(0);
  });

  test.each(["initialize", "tools_call"])("passes for our client: %s", async (scenario) => {
    const command = `"${process.execPath}" "${join(support, "mcp-conformance-client.ts")}"`;
    const { code, said } = await run("client", "--command", command, "--scenario", scenario);
    expect(said).not.toMatch(/Failed: [1-9]/);
    expect(code, said).toBe(0);
  });
});

test.each([
  [() => mcpServer({} as never), ConfigError, "`name`"],
  [() => mcpServer({ name: "x", version: "1", tool: [] } as never), ConfigError, 'no option "tool"'],
  [() => mcpServer({ name: "x", version: "1", tools: [find, find] }), ToolError, 'Two tools are named "find_book"'],
  [() => mcpServer({ name: "x", version: "1", hosts: [] }), ConfigError, "`hosts`"],
  [() => servePrompt("x" as never, { name: "x" }), ConfigError, "function"],
  [() => servePrompt(() => "x", {} as never), ConfigError, "`name`"],
  [() => callTool({} as never, { name: "x" }), ConfigError, "takes a call"],
  [() => callTool(() => "x", { name: "a b" }), ToolError, "not a valid name"],
  [() => callTool(() => "x", { name: "x", arg: 1 } as never), ConfigError, 'no option "arg"'],
])("what cannot be served is refused where it is made: %s", (make, kind, sentence) => {
  expect(make).toThrow(kind);
  expect(make).toThrow(sentence);
});
