import { setTimeout as delay } from "node:timers/promises";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import * as z from "zod";

// A server of the SDK's own with the corners of the protocol in it, over standard input and output, in both eras.

export const longName = `long.${"x".repeat(80)}`;
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
let aborted = 0;

function create(): McpServer {
  const server = new McpServer({ name: "fixture", version: "1.0.0" }, { instructions: "Be careful." });
  const found = z.object({ title: z.string(), pages: z.number() });
  server.registerTool(
    "books.find/by-isbn",
    { title: "Find", inputSchema: z.object({ isbn: z.string().regex(/^\d+$/) }), outputSchema: found },
    ({ isbn }) => ({ content: [], structuredContent: { title: `Book ${isbn}`, pages: 544 } }),
  );
  const text = (text: string) => ({ content: [{ type: "text" as const, text }] });
  for (const name of ["a.b", "a_b", longName]) server.registerTool(name, {}, () => text(`this is ${name}`));
  server.registerTool("mixed", {}, () => ({
    content: [
      { type: "text", text: "look" },
      { type: "image", data: png, mimeType: "image/png" },
      { type: "audio", data: "UklGRg==", mimeType: "audio/wav" },
      { type: "resource", resource: { uri: "file:///a/notes.txt", mimeType: "text/plain", text: "a note" } },
      { type: "resource", resource: { uri: "file:///a/b.pdf", mimeType: "application/pdf", blob: "JVBERi0=" } },
      { type: "resource", resource: { uri: "file:///a/b.zip", mimeType: "application/zip", blob: "UEsDBA==" } },
      { type: "resource_link", uri: "http://127.0.0.1:9/x.png", name: "x", mimeType: "image/png" },
    ],
  }));
  server.registerTool("disguised", {}, () => ({
    content: [],
    structuredContent: { type: "image", url: "http://127.0.0.1:9/x.png" },
  }));
  server.registerTool("fail", {}, () => {
    throw new Error("no such book");
  });
  server.registerTool("count", {}, async (context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (const progress of [1, 2]) {
      if (progressToken === undefined) break;
      await context.mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total: 2 } });
    }
    // The SDK's client forgets whom to tell as soon as the result is there, and what came with it is told to nobody.
    await delay(100);
    return text("counted");
  });
  server.registerTool("wait", {}, async ({ mcpReq: { signal } }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    aborted++;
    return text("too late");
  });
  server.registerTool("aborted", {}, () => text(String(aborted)));
  server.registerTool("grow", {}, () => {
    server.registerTool("grown", {}, () => text("new"));
    return text("grew");
  });
  server.registerPrompt("review", { argsSchema: z.object({ code: z.string() }) }, ({ code }) => ({
    messages: [
      { role: "user", content: { type: "text", text: `Review: ${code}` } },
      { role: "assistant", content: { type: "text", text: "With pleasure." } },
      { role: "user", content: { type: "image", data: png, mimeType: "image/png" } },
    ],
  }));
  server.registerResource("notes", "notes://one", {}, ({ href }) => ({
    contents: [
      { uri: href, mimeType: "text/plain", text: "a note" },
      { uri: href, mimeType: "image/png", blob: png },
    ],
  }));
  return server;
}

if (import.meta.main) serveStdio(create);
