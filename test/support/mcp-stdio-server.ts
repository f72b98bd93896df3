import { tool } from "../../src/index.ts";
import { mcpServer } from "../../src/mcp/index.ts";

// A server of ours over standard input and output.
const echo = tool({
  name: "echo",
  parameters: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
  call: ({ text }) => ({ text }),
});
await mcpServer({ name: "ours", version: "1.0.0", tools: [echo] }).stdio();
