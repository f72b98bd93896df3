import type { CallToolResult, McpServer, ServerContext, StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { ServedContext } from "../combine/call-tool.ts";
import { classify } from "../errors/classify.ts";
import { prepareSchema, type StandardSchemaV1 } from "../schema/schema.ts";
import { settleOutput } from "../tools/result-content.ts";
import type { Tool } from "../tools/tool.ts";
import { blocksOf } from "./to-content.ts";

/** What a server says of what went wrong. */
export interface FailureOptions {
  /** True to show a client the message of what a tool threw, which may hold a provider's inner text. Default: false. */
  readonly exposeErrors?: boolean | undefined;
  /** Told of what a tool or prompt threw. */
  readonly onError?: ((error: unknown, name: string) => void) | undefined;
}

/** A schema with its JSON Schema, as the SDK takes it, whatever library made it. */
export async function withJson(schema: StandardSchemaV1): Promise<StandardSchemaWithJSON> {
  const json = await prepareSchema(schema);
  // Every schema of ours is of this draft; it is left out where a provider is sent one.
  const give = () => ({ $schema: "https://json-schema.org/draft/2020-12/schema", ...json });
  const { vendor, validate } = schema["~standard"];
  return { "~standard": { version: 1, vendor, validate, jsonSchema: { input: give, output: give } } };
}

/** Offers a tool of ours on a server of the SDK. */
export function offerTool(
  server: McpServer,
  tool: Tool,
  inputSchema: StandardSchemaWithJSON,
  options: FailureOptions,
): void {
  const { name, description } = tool;
  const config = { inputSchema, ...(description !== undefined && { description }) };
  server.registerTool(name, config, (args, context) => runTool(tool, args, context, options));
}

async function runTool(
  tool: Tool,
  args: unknown,
  context: ServerContext,
  options: FailureOptions,
): Promise<CallToolResult> {
  const { signal, id } = context.mcpReq;
  try {
    const told: ServedContext = { signal, toolCallId: String(id), ...reporter(context) };
    const output = await tool.call(args, told);
    if (output instanceof Error) return failed(output.message);
    const content = await settleOutput(tool.name, output, signal);
    return { content: blocksOf(content), ...structured(output, content) };
  } catch (error) {
    signal.throwIfAborted();
    options.onError?.(error, tool.name);
    return failed(sentenceOf(tool.name, error, options));
  }
}

function failed(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

function sentenceOf(name: string, error: unknown, { exposeErrors = false }: FailureOptions): string {
  if (exposeErrors && error instanceof Error) return error.message;
  const { kind } = classify(error);
  return `The tool "${name}" failed${kind === "unknown" ? "" : ` (${kind})`}.`;
}

/** What is an object and was told as JSON is structured content, too. */
function structured(output: unknown, content: unknown): { structuredContent?: Record<string, unknown> } {
  if (typeof output !== "object" || output === null || typeof content !== "string") return {};
  const value: unknown = JSON.parse(content);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? { structuredContent: value as Record<string, unknown> } : {};
}

/** Tells of progress where the client gave a token for it. */
function reporter({ mcpReq }: ServerContext): Pick<ServedContext, "report"> {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return {};
  return {
    // A client that is gone is noticed by the signal.
    report: (update) =>
      void mcpReq
        .notify({ method: "notifications/progress", params: { progressToken, ...update } })
        .catch(() => undefined),
  };
}
