// Servers of the Model Context Protocol: theirs as ours, and ours as one.
export { type CallToolOptions, type CallToolWithArgs, callTool, type ServedContext } from "../combine/call-tool.ts";
export { type ConnectOptions, connectMcp } from "./connect.ts";
export type { McpConnection, McpList, McpOptions } from "./connection.ts";
export type { McpCallOptions, McpOutput, McpTool } from "./remote-tool.ts";
export { type McpServerOptions, mcpServer, type ServedMcp } from "./serve.ts";
export { type McpPrompt, type ServePromptOptions, servePrompt } from "./server-prompt.ts";
export type { FailureOptions } from "./server-tool.ts";
export type { ClientTarget, HttpTarget, McpTarget, StdioTarget } from "./target.ts";
export { McpToolError } from "./tool-result.ts";
