import type { Attempt } from "../contract/answer.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import type { SavedHistory } from "../message/history.ts";
import type { Message, ResultContent } from "../message/parts.ts";
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
  /** How many tools of one turn run at once; all of them by default. */
  readonly concurrency?: number | undefined;
  /**
   * Asked once with the id of a state before it is resumed; `false` refuses it. With a store that takes an id only once
   * (a unique key of a database) a state cannot be resumed twice, in whatever process.
   */
  readonly claim?: ((stateId: string) => boolean | Promise<boolean>) | undefined;
}

/** What a run reports while it goes on. */
export type ToolLoopEvent<P extends ProviderTypes, T extends Tool> =
  | { readonly type: "chunk"; readonly chunk: StreamChunk<P> }
  | { readonly type: "response"; readonly response: CallResponse<P, T> }
  | { readonly type: "tool_call"; readonly use: ToolUse<P, T> }
  | ToolGave<T>
  | {
      readonly type: "tool_result";
      readonly id: string;
      /** As the model gave it: a tool of that name need not exist. */
      readonly name: string;
      /** What the model is told. */
      readonly output: ResultContent;
      readonly isError: true;
    };

/** What came of a tool that ran: what it gave, and what the model is sent of it. */
export type ToolGave<T extends Tool> =
  T extends Tool<infer Name, infer _Args, infer Output>
    ? {
        readonly type: "tool_result";
        readonly id: string;
        readonly name: Name;
        /** As it is sent: text, or text and media. */
        readonly output: ResultContent;
        readonly isError: false;
        /** What the tool's function gave, as it gave it. */
        readonly value: Awaited<Output>;
      }
    : never;

/** A tool call that waits for a person. */
export interface PendingCall {
  /** What a decision is given by: the call's own id, or `name#place` where the provider gave it none. */
  readonly id: string;
  readonly name: string;
  /** The arguments, as JSON text. */
  readonly arguments: string;
  /** True where it was begun in an earlier run and nobody knows how it ended: only a person's yes runs it again. */
  readonly started?: boolean;
}

/** One call of a state: what is known of it. */
export interface StateCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  readonly native: object;
  readonly output?: ResultContent;
  readonly isError?: boolean;
  readonly started?: boolean;
}

/** Where a run stands, as plain JSON: it can be stored and resumed by another process. */
export interface ToolLoopState {
  readonly version: 2;
  /** This state's own; see the option `claim`. */
  readonly id: string;
  /** `"running"` for a run that failed between its steps: resuming it goes on with the results there are. */
  readonly status: "running" | "awaiting_approval" | "done";
  readonly provider: string;
  /** Which leg of a fallback or hedge answers, from 0: the run stays with it. */
  readonly leg?: number;
  /** The conversation up to and with the model's last turn; `loadHistory` makes messages of it. */
  readonly history: SavedHistory;
  /** How many of these messages the prompt wrote. */
  readonly prompted: number;
  /** The calls of the last turn, by position; those that were answered have their result. */
  readonly calls: readonly StateCall[];
  readonly steps: number;
  /** The names of the tools that were offered. */
  readonly tools: readonly string[];
}

/** A state as version 1 of this library wrote it: it can still be resumed. */
export interface ToolLoopStateV1 extends Omit<ToolLoopState, "version" | "id" | "status" | "prompted"> {
  readonly version: 1;
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
  /** The turns this run added, in neutral form with the provider's own inside: answers and tool results. */
  readonly turns: readonly Message[];
  /**
   * The whole conversation but its system messages: what the prompt of the next turn is given, and what is stored with
   * `saveHistory`. A prompt that writes the system message first has it once, however long the conversation gets.
   */
  readonly conversation: readonly Message[];
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars of all requests together, attempts included; `undefined` when one of them has no certain price. */
  readonly cost: number | undefined;
}

/** A person's decision about a pending call: yes, no, or no with the words the model is to read. */
export type Approval = boolean | { readonly denied: string };

/**
 * One run: a promise of its result that can also be iterated for what happens. Nothing is sent before either. `state`,
 * `responses` and `cost` tell where it stands at any time, also after an error.
 */
export interface ToolLoopRun<P extends ProviderTypes, T extends Tool>
  extends AsyncIterable<ToolLoopEvent<P, T>>,
    Promise<ToolLoopResult<P, T>> {
  /** Where the run stands; `undefined` before its prompt was run. */
  readonly state: ToolLoopState | undefined;
  /** The answers so far. */
  readonly responses: readonly CallResponse<P, T>[];
  /** The requests that failed, and those answers that were not taken. */
  readonly attempts: readonly Attempt[];
  /** US dollars so far, failed requests included; `undefined` when one of them has no certain price. */
  readonly cost: number | undefined;
}

/** @internal Where a loop keeps what it is made of, for what wraps it. */
export const loopCall: unique symbol = Symbol("loop call");

/** A call that uses its tools until it has an answer. */
export interface ToolLoop<P extends ProviderTypes, Args extends unknown[], T extends Tool> {
  (...args: Args): ToolLoopRun<P, T>;
  /**
   * Goes on where a run stopped, waited or failed; a tool that ran is not run again. `decisions` is by the `id` of the
   * pending call; a name allows a call only where it has no id and is the only one of that name. Throws `ConfigError`
   * for a state of another loop.
   */
  resume(state: ToolLoopState | ToolLoopStateV1, decisions?: Readonly<Record<string, Approval>>): ToolLoopRun<P, T>;
}
