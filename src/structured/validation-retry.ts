import type { ProviderTypes } from "../contract/provider.ts";
import type { Message } from "../message/parts.ts";
import type { CallResponse } from "../read/response.ts";
import type { ParseError } from "./parse-error.ts";

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
