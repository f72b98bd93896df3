import type { CallToolResult } from "@modelcontextprotocol/client";
import { CallscopeError } from "../errors/errors.ts";
import type { ResultPart } from "../message/parts.ts";
import { partsOfBlock, withoutMedium } from "./from-content.ts";

/** A server's tool says that it failed. It is given, not thrown, and its message is what the model reads. */
export class McpToolError extends CallscopeError {
  override readonly name = "McpToolError";
  readonly code = "mcp_tool";
  /** The tool by its name on the server. */
  readonly toolName: string;
  /** The whole result. */
  declare readonly result: CallToolResult;

  constructor(toolName: string, message: string, result: CallToolResult) {
    super(message);
    this.toolName = toolName;
    // Not enumerable: a log of the error is not to carry what a foreign server wrote.
    Object.defineProperty(this, "result", { value: result });
  }
}

/**
 * What a tool's result is to the model: its text; text and media where it has media; its structured content as JSON where
 * no text says the same; with `"describe"`, a line in place of each medium; an `McpToolError` for a result that is an error, with its text alone.
 */
export function outputOf(
  toolName: string,
  result: CallToolResult,
  media: "send" | "describe" = "send",
): string | readonly ResultPart[] | McpToolError {
  const given = (result.content ?? []).flatMap(partsOfBlock);
  const parts = media === "send" ? given : given.map(described);
  const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
  if (result.isError === true) {
    return new McpToolError(toolName, texts.join("\n") || "The tool failed and did not say why.", result);
  }
  const { structuredContent } = result;
  if (structuredContent !== undefined && !texts.some((text) => says(text, structuredContent))) {
    const text = JSON.stringify(structuredContent);
    parts.push({ type: "text", text });
    texts.push(text);
  }
  return parts.length > texts.length ? parts : texts.join("\n");
}

function described(part: ResultPart): ResultPart {
  return "data" in part && part.data !== undefined ? withoutMedium(part) : part;
}

function says(text: string, value: unknown): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
  } catch {
    return false;
  }
}
