import { ConfigError } from "../errors/errors.ts";
import { madeOnce } from "../json/made-once.ts";
import type { CallRequest, OutputDefinition, ProviderTypes, ToolDefinition } from "./provider.ts";

/** The caller's own tools in `callParams`, and the choice among tools under the name it has there. */
export interface OwnTools {
  readonly tools: readonly unknown[] | null | undefined;
  readonly choice: unknown;
  readonly choiceName: string;
}

/** The tool whose arguments are the answer. */
export interface ForcedTool {
  readonly tool: ToolDefinition;
  /** True where it is the only one offered and is named; beside others the model must call one of them. */
  readonly isAlone: boolean;
}

/**
 * The tool that a request forces to get its answer in shape; `undefined` where the shape is asked for otherwise or not
 * at all. Throws `ConfigError` where the caller chooses a tool, too.
 */
export function forcedTool<P extends ProviderTypes>(
  provider: string,
  { output, tools }: Pick<CallRequest<P>, "output" | "tools">,
  own: OwnTools,
): ForcedTool | undefined {
  if (output?.mode !== "tool") return undefined;
  if (own.choice !== undefined) {
    throw new ConfigError(
      `${provider}: \`${own.choiceName}\` and \`responseModel\` exclude each other: the answer is a forced tool call.`,
    );
  }
  return { tool: answerTool(output), isAlone: tools.length + (own.tools?.length ?? 0) === 0 };
}

// The same tool for the same answer, so that its form in a provider's request is made once, too.
const answerTool = madeOnce((output: OutputDefinition): ToolDefinition => {
  const { name, description, schema = { type: "object" }, strict } = output;
  return { name, description, schema, strict };
});
