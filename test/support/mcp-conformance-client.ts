import { connectMcp } from "../../src/mcp/index.ts";

// What the protocol's own conformance suite drives a client with: its server's address is the last argument.
const url = process.argv.at(-1) ?? "";
await using server = await connectMcp({ url }, { protocol: "2025-11-25" });
for (const tool of await server.tools()) {
  const given = await tool.call({ a: 5, b: 3 }, { toolCallId: "1" });
  if (given instanceof Error) throw given;
}
