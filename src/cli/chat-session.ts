import type { AnyTypes } from "../any-provider.ts";
import { call } from "../any-provider.ts";
import type { CommonParams } from "../contract/provider.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import type { Approval, PendingCall, ToolLoopEvent, ToolLoopRun } from "../loop/types.ts";
import { Messages } from "../message/message.ts";
import type { Message } from "../message/parts.ts";
import type { Tool } from "../tools/tool.ts";

/** What a conversation is had with. */
export interface ChatOptions {
  /** `provider/model`. */
  readonly model: string;
  readonly system: string | undefined;
  readonly callParams: CommonParams;
  readonly tools: readonly Tool[];
  /** The turns there were before. */
  readonly messages: readonly Message[];
}

/** Who follows one turn. */
export interface Listener {
  event(event: ToolLoopEvent<AnyTypes, Tool>): void;
  /** Says whether a tool may run. */
  approve(pending: PendingCall): Promise<Approval>;
}

/** What one turn came to. */
export interface Turn {
  readonly content: string;
  readonly model: string | undefined;
  readonly stopReason: string | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** US dollars; `undefined` where a price is not certain. */
  readonly cost: number | undefined;
  readonly requests: number;
}

/** A conversation: its turns, and what it has cost so far. */
export class ChatSession {
  readonly tools: readonly Tool[];
  messages: readonly Message[];
  /** US dollars of what has a certain price. */
  cost = 0;
  /** True once something had no certain price: there may be more. */
  isLeast = false;
  readonly #ask: (messages: readonly Message[], signal: AbortSignal) => ToolLoopRun<AnyTypes, Tool>;
  readonly #resume: (
    run: ToolLoopRun<AnyTypes, Tool>,
    decisions: Record<string, Approval>,
    signal: AbortSignal,
  ) => ToolLoopRun<AnyTypes, Tool>;

  constructor({ model, system, callParams, tools, messages }: ChatOptions) {
    this.tools = tools;
    this.messages = messages;
    const before = system === undefined ? [] : [Messages.system(system)];
    const asking = call(
      model,
      { stream: true, tools, callParams: callParams as Record<string, never> },
      (turns: readonly Message[]) => [...before, ...turns],
    );
    const loopOf = (signal: AbortSignal) => toolLoop(asking.with({ signal }), { needsApproval: () => true });
    this.#ask = (turns, signal) => loopOf(signal)(turns);
    this.#resume = (run, decisions, signal) => {
      const { state } = run;
      // A run that waits for a person has a state.
      return loopOf(signal).resume(state as NonNullable<typeof state>, decisions);
    };
  }

  /** Asks, runs the tools that are allowed, and keeps the turn. One that fails or is left is not kept. */
  async ask(text: string, listener: Listener, signal: AbortSignal): Promise<Turn> {
    const messages = [...this.messages, Messages.user(text)];
    const runs: ToolLoopRun<AnyTypes, Tool>[] = [];
    let run = this.#ask(messages, signal);
    try {
      for (;;) {
        runs.push(run);
        for await (const event of run) listener.event(event);
        const result = await run;
        if (result.status === "done") {
          this.messages = result.conversation;
          return turnOf(runs, result.response);
        }
        const decisions: Record<string, Approval> = {};
        for (const pending of result.pending) decisions[pending.id] = await listener.approve(pending);
        run = this.#resume(run, decisions, signal);
      }
    } finally {
      for (const { cost, responses, attempts } of runs) {
        this.cost += cost ?? [...responses, ...attempts].reduce((sum, one) => sum + (one.cost ?? 0), 0);
        this.isLeast ||= cost === undefined;
      }
    }
  }

  /** Forgets the turns, not what they cost. */
  clear(): void {
    this.messages = [];
  }
}

function turnOf(
  runs: readonly ToolLoopRun<AnyTypes, Tool>[],
  last: ToolLoopRun<AnyTypes, Tool>["responses"][number],
): Turn {
  const responses = runs.flatMap((run) => run.responses);
  const attempts = runs.flatMap((run) => run.attempts);
  const sum = (values: readonly (number | undefined)[]) =>
    values.reduce((whole, value) => (whole === undefined || value === undefined ? undefined : whole + value), 0);
  return {
    content: last.content,
    model: `${last.provider}/${last.model}`,
    stopReason: last.stopReason,
    inputTokens: sum(responses.map(({ inputTokens }) => inputTokens)),
    outputTokens: sum(responses.map(({ outputTokens }) => outputTokens)),
    cost: sum(runs.map(({ cost }) => cost)),
    requests: responses.length + attempts.length,
  };
}
