import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import * as z from "zod";
import { audio, document, image, Messages, tool } from "../../src/index.ts";
import type { ServedContext } from "../../src/mcp/index.ts";
import { mcpServer, servePrompt } from "../../src/mcp/index.ts";

// What the protocol's own conformance suite asks of a server, by tools and prompts of ours. Run by itself it serves on a
// free port and prints its address.

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const wav = Buffer.from("UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAAAAA==", "base64");
const pdf = Buffer.from("%PDF-1.4\n%%EOF\n");

const simple = tool({
  name: "test_simple_text",
  description: "Text.",
  call: () => "This is a simple text response for testing.",
});
const picture = tool({ name: "test_image_content", description: "A picture.", call: () => image(png) });
const sound = tool({ name: "test_audio_content", description: "Sound.", call: () => audio(wav) });
const embedded = tool({ name: "test_embedded_resource", description: "A document.", call: () => document(pdf) });
const mixed = tool({
  name: "test_multiple_content_types",
  description: "Text, a picture and a document.",
  call: () => ["Multiple content types test:", image(png), document(pdf)],
});
const failing = tool({
  name: "test_error_handling",
  description: "Fails.",
  call: () => new Error("This tool intentionally returns an error for testing"),
});
const slow = tool({
  name: "test_tool_with_progress",
  description: "Tells how far it is.",
  call: (_, { report }: ServedContext) => {
    for (const progress of [0, 50, 100]) report?.({ progress, total: 100 });
    return "done";
  },
});
const schema = tool({
  name: "json_schema_2020_12_tool",
  description: "Tool with JSON Schema 2020-12 features",
  parameters: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    $defs: { address: { type: "object", properties: { street: { type: "string" }, city: { type: "string" } } } },
    properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
    additionalProperties: false,
  },
  call: (args) => args,
});

const server = mcpServer({
  name: "conformance",
  version: "1.0.0",
  tools: [simple, picture, sound, embedded, mixed, failing, slow, schema],
  prompts: [
    servePrompt(() => "This is a simple prompt for testing.", { name: "test_simple_prompt", description: "Simple." }),
    servePrompt(({ arg1, arg2 }) => `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`, {
      name: "test_prompt_with_arguments",
      description: "With arguments.",
      parameters: z.object({ arg1: z.string().describe("First."), arg2: z.string().describe("Second.") }),
    }),
    servePrompt(() => [Messages.user([document(pdf), "Please process the embedded document above."])], {
      name: "test_prompt_with_embedded_resource",
      description: "With a document.",
      parameters: z.object({ resourceUri: z.string().describe("An address.") }),
    }),
    servePrompt(() => [Messages.user([image(png), "Please analyze the image above."])], {
      name: "test_prompt_with_image",
      description: "With a picture.",
    }),
  ],
});

const handle = toNodeHandler(server);
// Node's own request has its method or `undefined`, the package's type the method or nothing: the same object.
const http = createServer((request, response) => void handle(request as Parameters<typeof handle>[0], response));
http.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`));
