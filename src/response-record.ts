import type { Prepared } from "./pipeline.ts";
import type { ProviderTypes } from "./provider.ts";
import type { CallResponse } from "./response.ts";
import { plain } from "./tool-output.ts";

/** @internal A response as plain JSON: what was sent and what came, without client, functions or keys. */
export function recordOf<P extends ProviderTypes>(response: CallResponse<P>, prepared: Prepared<P>): object {
  return {
    provider: response.provider,
    model: response.model,
    id: response.id,
    content: response.content,
    thinking: response.thinking,
    refusal: response.refusal,
    finishReasons: response.finishReasons,
    usage: plainOrLeftOut(response.usage),
    inputTokens: response.inputTokens,
    outputTokens: response.outputTokens,
    cost: response.cost,
    toolCalls: plainOrLeftOut(response.toolCalls),
    message: plainOrLeftOut(response.message),
    fnArgs: prepared.fnArgs.map(plainOrLeftOut),
    promptTemplate: prepared.promptTemplate,
    metadata: plainOrLeftOut(prepared.metadata),
    messages: plainOrLeftOut(prepared.messages),
    callParams: plainOrLeftOut(prepared.callParams),
    startTime: response.startTime,
    endTime: response.endTime,
  };
}

// A record must never fail: what has no JSON form (functions, circular values) is left out of it.
function plainOrLeftOut(value: unknown): unknown {
  try {
    const text = JSON.stringify(value, lenient);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function lenient(this: unknown, key: string, value: unknown): unknown {
  try {
    return plain.call(this, key, value);
  } catch {
    return undefined;
  }
}
