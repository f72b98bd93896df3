import type { Answer } from "../contract/answer.ts";
import type { ProviderTypes, RawToolCall, Reading } from "../contract/provider.ts";
import type { Plan } from "../prepare/prepare.ts";
import { ToolError } from "../tools/tool-error.ts";
import { type BoundToolUse, useTool } from "../tools/use.ts";

interface Called<P extends ProviderTypes> extends Answer<P> {
  readonly reading: Reading<P>;
}

/** True for the call that only carries a structured answer. */
export function isExtraction<P extends ProviderTypes>({ name }: RawToolCall<P>, { output }: Plan<P>): boolean {
  return output?.definition.mode === "tool" && output.definition.name === name;
}

/** True where the model called one of the tools offered, beside the one that carries the answer or in its place. */
export function usesTools<P extends ProviderTypes>({ reading }: Called<P>, plan: Plan<P>): boolean {
  return plan.tools.length > 0 && reading.toolCalls.some((call) => !isExtraction(call, plan));
}

/** The tool calls of an answer tied to the tools they name; `undefined` for none. Throws `ToolError`. */
export function bindTools<P extends ProviderTypes>(
  response: Called<P>,
  plan: Plan<P>,
): readonly BoundToolUse<P>[] | undefined {
  const { refusal, stopReason, toolCalls } = response.reading;
  if (refusal !== undefined && plan.tools.length > 0) {
    throw new ToolError("refused", `The model refused: ${refusal}`, { toolName: "", response });
  }
  const cut = stopReason === "length" ? toolCalls.at(-1) : undefined;
  const calls = toolCalls.filter((call) => !isExtraction(call, plan));
  const uses = calls.flatMap((call) => useTool(call, plan, () => response, call === cut) ?? []);
  return uses.length > 0 ? uses : undefined;
}
