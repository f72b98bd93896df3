import type { Answer } from "../contract/answer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { ToolLoopRun } from "../loop/types.ts";
import { Stream } from "../read/stream.ts";
import { StructuredStream } from "../structured/structured-stream.ts";
import type { Tool } from "../tools/tool.ts";
import type { FoundCall } from "./find-call.ts";

/** What a call came to. */
export interface Asked {
  /** What awaiting the call gives; of a plain one the answer itself. */
  readonly value: unknown;
  /** The last answer. */
  readonly answer: Answer | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars of every request; `undefined` where one of them has no certain price. */
  readonly cost: number | undefined;
  readonly requests: number | undefined;
  /** How a run of a tool loop ended. */
  readonly status?: string;
}

/** Asks a call of whatever kind; what it streams is told as it comes. */
export async function askCall(call: FoundCall, args: readonly unknown[], tell: (text: string) => void): Promise<Asked> {
  const asked = call(...args);
  if (asked instanceof Stream) {
    for await (const [chunk] of asked) tell(chunk.content);
    const answer = asked.constructCallResponse();
    return { value: answer, answer, ...figuresOf(answer) };
  }
  if (asked instanceof StructuredStream) {
    for await (const _ of asked);
    return { value: asked.constructedResponseModel, answer: asked.response, ...figuresOf(asked.response) };
  }
  if (isLoop(asked)) {
    for await (const event of asked) if (event.type === "chunk") tell(event.chunk.content);
    const { response, responses, status, inputTokens, outputTokens, cost } = await asked;
    const figures = { inputTokens, outputTokens, cost, requests: responses.length + asked.attempts.length };
    return { value: response, answer: response, ...figures, status };
  }
  if (isCallPromise(asked)) {
    const { value, response } = await asked.withResponse();
    return { value, answer: response, ...figuresOf(response) };
  }
  return { value: await asked, answer: undefined, ...figuresOf(undefined) };
}

function figuresOf(answer: Answer | undefined) {
  const { inputTokens, outputTokens, cost, requests } = answer?.total ?? {};
  return { inputTokens, outputTokens, cost, requests };
}

function isLoop(value: unknown): value is ToolLoopRun<ProviderTypes, Tool> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value && "then" in value;
}

function isCallPromise(value: unknown): value is { withResponse(): Promise<{ value: unknown; response: Answer }> } {
  return typeof value === "object" && value !== null && "withResponse" in value;
}
