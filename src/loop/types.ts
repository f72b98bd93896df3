import type { ProviderTypes } from "../contract/provider.ts";
import type { SavedHistory } from "../message/history.ts";
import type { CallResponse } from "../read/response.ts";
import type { StreamChunk } from "../read/stream-chunk.ts";
import type { Tool } from "../tools/tool.ts";
import type { ToolUse } from "../tools/use.ts";

/** How a loop runs. */
export interface ToolLoopOptions<P extends ProviderTypes, T extends Tool> {
  /** The most requests one run may send. 10 by default: a loop without an end is paid for without one. */
  readonly maxSteps?: number | undefined;
  /** Says which tool calls a person must allow first: the run then stops and can be resumed, also by another process. */
  readonly needsApproval?: ((use: ToolUse<P, T>) => boolean | Promise<boolean>) | undefined;
  /**
   * What happens when a tool throws: `"send"` (the default) tells the model, `"throw"` ends the run with that very error.
   * Arguments that do not fit and tools that do not exist are always told to the model.
   */
  readonly toolErrors?: "send" | "throw" | undefined;
}

/** What a run reports while it goes on. */
export type ToolLoopEvent<P extends ProviderTypes, T extends Tool> =
  | { readonly type: "chunk"; readonly chunk: StreamChunk<P> }
  | { readonly type: "response"; readonly response: CallResponse<P, T> }
  | { readonly type: "tool_call"; readonly use: ToolUse<P, T> }
  | {
      readonly type: "tool_result";
      readonly id: string;
      readonly name: string;
      readonly output: unknown;
      readonly isError: boolean;
    };

/** A tool call that waits for a person. */
export interface PendingCall {
  readonly id: string;
  readonly name: string;
  /** The arguments, as JSON text. */
  readonly arguments: string;
}

/** A run that stopped, as plain JSON: it can be stored and resumed by another process. */
export interface ToolLoopState {
  readonly version: 1;
  readonly provider: string;
  /** The conversation up to and with the model's last turn; `loadHistory` makes messages of it for a next prompt. */
  readonly history: SavedHistory;
  /** The calls of that turn, by position; those that were answered have their result. */
  readonly calls: readonly (PendingCall & {
    readonly native: object;
    readonly output?: string;
    readonly isError?: boolean;
  })[];
  readonly steps: number;
  /** The names of the tools that were offered. */
  readonly tools: readonly string[];
}

/**
 * How a run ended. `"done"`: the model answered without a tool. `"awaiting_approval"`: `pending` needs a person; resume
 * with `state`. `response` is the run's last answer.
 */
export type ToolLoopResult<P extends ProviderTypes, T extends Tool> = ToolLoopTotals<P, T> &
  (
    | { readonly status: "done"; readonly response: CallResponse<P, T> }
    | { readonly status: "awaiting_approval"; readonly response: CallResponse<P, T> | undefined }
  );

/** What a run came to. */
export interface ToolLoopTotals<P extends ProviderTypes, T extends Tool> {
  /** Every answer of this run, in order. */
  readonly responses: readonly CallResponse<P, T>[];
  readonly pending: readonly PendingCall[];
  readonly state: ToolLoopState;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars of all answers together; `undefined` when one of them has no certain price. */
  readonly cost: number | undefined;
}

/** A person's decision about a pending call: yes, no, or no with the words the model is to read. */
export type Approval = boolean | { readonly denied: string };

/** One run: await its result, or iterate what happens and await it then. Nothing is sent before either. */
export interface ToolLoopRun<P extends ProviderTypes, T extends Tool>
  extends AsyncIterable<ToolLoopEvent<P, T>>,
    PromiseLike<ToolLoopResult<P, T>> {}

/** A call that uses its tools until it has an answer. */
export interface ToolLoop<P extends ProviderTypes, Args extends unknown[], T extends Tool> {
  (...args: Args): ToolLoopRun<P, T>;
  /** Goes on where a run stopped. `decisions` is by the id of the pending call, or its name where it has no id. */
  resume(state: ToolLoopState, decisions?: Readonly<Record<string, Approval>>): ToolLoopRun<P, T>;
}
