import type { Provider, ProviderTypes, ToolResult } from "../contract/provider.ts";
import { fitResult, type ResultTaker } from "../contract/result-content.ts";
import { FilePart, type ResultContent, type ToolResultPart } from "../message/parts.ts";
import { toResultContent } from "./result-content.ts";
import { invalidOutput } from "./tool-output.ts";
import { rawCallOf } from "./use.ts";

/** A tool's result to send back: the tool call, what the tool gave, and whether that is an error. */
export type ToolOutcome<Use> = readonly [use: Use, output: unknown, options?: { readonly isError?: boolean }];

/**
 * Results of tools as a provider's own messages. Throws `ConfigError` for a result of what is no call, and
 * `UnsupportedError` for a medium that the provider takes in no result.
 */
export function toolMessages<P extends ProviderTypes>(
  outcomes: readonly ToolOutcome<unknown>[],
  provider: Pick<Provider<P>, "toolMessages" | keyof ResultTaker>,
): P["ToolMessage"][] {
  return provider.toolMessages(outcomes.map((outcome) => toToolResult<P>(outcome, provider)));
}

function toToolResult<P extends ProviderTypes>(
  [use, output, options]: ToolOutcome<unknown>,
  taker: ResultTaker,
): ToolResult<P> {
  const call = rawCallOf<P>(use);
  const content = fitResult(toResultContent(call.name, output), taker);
  if (holdsFile(content)) {
    const advice = "give `toolMessage([[tool, output]])`, whose files are read with the prompt, or the file's bytes";
    throw invalidOutput(call.name, `a file or blob is still to be read: ${advice}`);
  }
  return { call, output: content, isError: isError(output, options) };
}

/** The same as a part of a neutral message, for any provider. Its files are read with the prompt it is put into. */
export function toResultPart([use, output, options]: ToolOutcome<unknown>): ToolResultPart {
  const { id, name } = rawCallOf(use);
  const content = toResultContent(name, output);
  return { type: "tool_result", id, name, content, ...(isError(output, options) && { isError: true }) };
}

function isError(output: unknown, options: ToolOutcome<unknown>[2]): boolean {
  return options?.isError ?? output instanceof Error;
}

function holdsFile(content: ResultContent): boolean {
  return typeof content !== "string" && content.some((part) => part instanceof FilePart);
}
