import * as z from "zod";
import { openai } from "../providers/openai/index.ts";
import type { Tool } from "../tools/tool.ts";
import { callTool, connectMcp, type McpConnection, type McpTool, mcpServer, servePrompt } from "./index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};

// A server is a program, an address or a client, and only one of them.
assert<Equal<ReturnType<typeof connectMcp>, Promise<McpConnection>>>();
connectMcp({ command: "x", args: ["y"] }, { prefix: "x", onProgress: (name, { progress }) => name.repeat(progress) });
// @ts-expect-error neither of them
connectMcp({});
// @ts-expect-error a misspelt option
connectMcp({ url: "http://127.0.0.1" }, { prefx: "x" });
// @ts-expect-error no revision that is spoken
connectMcp({ url: "http://127.0.0.1" }, { protocol: "2024-11-05" });

declare const server: McpConnection;
assert<Equal<Awaited<ReturnType<typeof server.tools>>, readonly McpTool[]>>();
// Its tools are tools of ours.
openai.call("m", async (question: string) => ({ messages: question, tools: await server.tools() }));

// A call as a tool: the call's arguments are made of the tool's, or are them.
const parameters = z.object({ topic: z.string(), pages: z.number() });
const write = openai.call("m", (topic: string, length: number) => `${length} pages on ${topic}`);
const one = callTool(write, { name: "write", parameters, args: ({ topic, pages }) => [topic, pages] });
assert<Equal<typeof one, Tool<"write", { topic: string; pages: number }, Promise<unknown>>>>();
// @ts-expect-error the arguments stand the other way round
callTool(write, { name: "write", parameters, args: ({ topic, pages }) => [pages, topic] });
// @ts-expect-error a call of two arguments needs to be told which they are
callTool(write, { name: "write", parameters });
callTool(
  openai.call("m", ({ topic }: { topic: string }) => topic),
  { name: "x", parameters },
);

servePrompt(({ topic }) => `Write on ${topic}`, { name: "write", parameters });
// @ts-expect-error the schema has no such argument
servePrompt(({ subject }) => `Write on ${subject}`, { name: "write", parameters });

mcpServer({ name: "x", version: "1", tools: [one] });
// @ts-expect-error a server has a version
mcpServer({ name: "x" });
