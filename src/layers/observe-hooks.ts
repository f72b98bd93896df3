import type { Answer } from "../contract/answer.ts";
import type { CallRun, LoopEnd, LoopRun, Outgoing, ToolRun } from "../contract/layer.ts";
import type { ReceivedData } from "../contract/received.ts";

// biome-ignore lint/suspicious/noConfusingVoidType: a hook may give nothing at all.
type Given<Value> = Value | undefined | void | Promise<Value | undefined | void>;

/** What an error belongs to: a request, a call (its answer does not fit, its prompt fails), a tool, a loop. */
export type Failed = Outgoing | CallRun | ToolRun | LoopRun;

/** What is told while a call is made. Each hook may be asynchronous: the call goes on when it is done. */
export interface Hooks {
  /** Before a request leaves. */
  readonly request?: ((request: Outgoing) => void | Promise<void>) | undefined;
  /** Each event of a stream, before it is handed on: the SDK's own. */
  readonly chunk?: ((event: object, request: Outgoing) => void | Promise<void>) | undefined;
  /**
   * Each answer: a whole one, or that of a stream that has ended. `left` is true for what had come of a stream that was
   * left. What it gives (`{ response }`) takes the answer's place; of a stream nothing can.
   */
  readonly response?: ((response: Answer, request: Outgoing, left: boolean) => Given<ReceivedData>) | undefined;
  /** The value of a call that does not stream. What it gives, unless `undefined`, takes the value's place. */
  readonly value?: ((value: unknown, response: Answer | undefined, use: CallRun) => unknown) | undefined;
  /** What a tool in a loop gave. */
  readonly tool?: ((use: ToolRun, output: unknown) => void | Promise<void>) | undefined;
  /** How a run of a tool loop ended: `"done"`, `"awaiting_approval"`, or `"left"`. */
  readonly loop?: ((end: LoopEnd, run: LoopRun) => void | Promise<void>) | undefined;
  /**
   * What failed, once. An error that it gives is thrown in its place; `{ response }` is the answer of the request that
   * failed, which no `response` or `value` hook is told of.
   */
  readonly error?: ((error: unknown, of: Failed) => Given<object>) | undefined;
}
