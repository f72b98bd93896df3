import type { StopReason } from "../contract/provider.ts";
import type { ToolLoopError } from "./tool-loop-error.ts";

/** Why an answer without a call is no answer, in a word and a sentence. */
export function faultOf(
  stopReason: StopReason | undefined,
  refusal: string | undefined,
  content: string,
): [ToolLoopError["code"], string] | undefined {
  if (stopReason === "content_filter") return ["blocked", "The answer was blocked by a content filter."];
  if (refusal !== undefined) return ["blocked", `The model refused: ${refusal}`];
  if (stopReason === "error") return ["failed", "The provider says that the model made no proper answer."];
  if (stopReason === "tool_calls") {
    return ["unsupported_call", "The model made a call that no tool of this loop can answer."];
  }
  if (stopReason === "other" && content === "") {
    return ["failed", "The model stopped for a reason that is not known here, and said nothing."];
  }
  return undefined;
}
