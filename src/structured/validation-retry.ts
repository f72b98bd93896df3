import type { ProviderTypes } from "../contract/provider.ts";
import type { Message } from "../message/parts.ts";
import type { CallResponse } from "../read/response.ts";
import type { ParseError, ParseFailure } from "./parse-error.ts";

// A refusal would be repeated, and what the token limit cut would be cut again: both would only be paid for once more.
const askedAgain: readonly ParseFailure[] = ["invalid_data", "invalid_json", "no_tool_call", "wrong_tool"];

/** True where the model may do better when it is shown what was wrong. */
export function isAskedAgain({ kind }: ParseError): boolean {
  return askedAgain.includes(kind);
}

/** The turns that show the model its own answer and what was wrong with it. */
export function feedback<P extends ProviderTypes>(error: ParseError, response: CallResponse<P>): readonly Message[] {
  const ask = `${error.message}\nAnswer again, with everything corrected.`;
  const calls = response.reading.toolCalls;
  if (calls.length === 0) return [response.message, { role: "user", content: ask }];
  // Every call needs its result, or the provider refuses the conversation.
  const results = calls.map(
    ({ id, name }) => ({ type: "tool_result", id, name, content: ask, isError: true }) as const,
  );
  return [response.message, { role: "tool", content: results }];
}
