import type { Client, Progress, Tool as ServerTool } from "@modelcontextprotocol/client";
import type { ResultPart } from "../message/parts.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { jsonSchema } from "../schema/schema.ts";
import { type Tool, tool } from "../tools/tool.ts";
import { type McpToolError, outputOf } from "./tool-result.ts";

/** What a server's tool gives: text, or text and media; or an error of its own, which the model is told. */
export type McpOutput = string | readonly ResultPart[] | McpToolError;

/** A tool of a server as one of ours. */
export interface McpTool extends Tool<string, Record<string, unknown>, Promise<McpOutput>> {
  /** As the server lists it: its name there, title, schemas, annotations. The annotations are the server's own word. */
  readonly listed: ServerTool;
}

/** How a server's tools are called. */
export interface McpCallOptions {
  /** Milliseconds a call may take without a word of its progress. The SDK's by default: 60,000. */
  readonly timeout?: number | undefined;
  /** Milliseconds a call may take in all. Without one there is no such bound. */
  readonly deadline?: number | undefined;
  /**
   * What becomes of pictures, sound and documents in results: `"send"` (the default) gives them to the model, which a provider
   * that takes none there refuses by name; `"describe"` puts a line with type and size in their place.
   */
  readonly media?: "send" | "describe" | undefined;
  /** Told of the progress a tool reports; `name` is the tool's on the server. */
  readonly onProgress?: ((name: string, progress: Progress) => void) | undefined;
}

/** Makes our tool of a server's, under a name that providers take. The server is asked by the tool's own name. */
export function remoteTool(client: Client, listed: ServerTool, name: string, options: McpCallOptions): McpTool {
  const { timeout, deadline, media, onProgress } = options;
  const made = tool({
    name,
    ...withDescription(listed.description ?? listed.title),
    // The schema is the server's, whole, and so is the word on what fits it; it tells the model of what does not.
    parameters: jsonSchema<Record<string, unknown>>(listed.inputSchema as JsonSchema, { validate: anyObject }),
    call: async (args: Record<string, unknown>, { signal }): Promise<McpOutput> => {
      signal?.throwIfAborted();
      try {
        const result = await client.callTool(
          { name: listed.name, arguments: args },
          {
            toolDefinition: listed,
            ...(signal !== undefined && { signal }),
            ...(timeout !== undefined && { timeout }),
            ...(deadline !== undefined && { maxTotalTimeout: deadline }),
            ...(onProgress !== undefined && {
              resetTimeoutOnProgress: true,
              onprogress: (progress: Progress) => onProgress(listed.name, progress),
            }),
          },
        );
        return outputOf(listed.name, result, media);
      } catch (error) {
        // The SDK has an error of its own for an abort; whoever aborted knows the reason he gave.
        signal?.throwIfAborted();
        throw error;
      }
    },
  });
  return { ...made, listed };
}

function withDescription(description: string | undefined): { description?: string } {
  return description === undefined || description === "" ? {} : { description };
}

function anyObject(value: unknown): { value: Record<string, unknown> } | { issues: { message: string }[] } {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return { value: value as Record<string, unknown> };
  }
  return { issues: [{ message: "must be an object" }] };
}
