import type { ProviderTypes, RawToolCall } from "../contract/provider.ts";
import { ConfigError } from "../errors/errors.ts";
import { plain } from "../json/plain.ts";
import { saveHistory } from "../message/history.ts";
import { type Definition, type Plan, replan } from "../prepare/prepare.ts";
import { CallResponse } from "../read/response.ts";
import { Stream } from "../read/stream.ts";
import { startLimit } from "../send/limit.ts";
import { send } from "../send/send.ts";
import type { Tool } from "../tools/tool.ts";
import { ToolError } from "../tools/tool-error.ts";
import { serializeOutput } from "../tools/tool-output.ts";
import { type BoundToolUse, type ToolUse, useTool } from "../tools/use.ts";
import { ToolLoopError } from "./tool-loop-error.ts";
import type { Approval, PendingCall, ToolLoopEvent, ToolLoopOptions, ToolLoopResult, ToolLoopState } from "./types.ts";

interface OpenCall<P extends ProviderTypes> {
  readonly raw: RawToolCall<P>;
  output: string | undefined;
  isError: boolean;
}

/** @internal The steps of one run: ask, execute, send back. */
export class Steps<P extends ProviderTypes, T extends Tool> {
  readonly #defined: Definition<P>;
  readonly #options: ToolLoopOptions<P, T>;
  readonly #responses: CallResponse<P, T>[] = [];
  #plan: Plan<P>;
  #calls: OpenCall<P>[] = [];
  #steps: number;

  constructor(defined: Definition<P>, options: ToolLoopOptions<P, T>, plan: Plan<P>, state?: ToolLoopState) {
    this.#defined = defined;
    this.#options = options;
    this.#plan = plan;
    this.#steps = 0;
    this.#calls = (state?.calls ?? []).map(({ id, name, arguments: input, native, output, isError = false }) => ({
      raw: { id, name, input, native },
      output,
      isError,
    }));
  }

  async *run(
    decisions?: Readonly<Record<string, Approval>>,
  ): AsyncGenerator<ToolLoopEvent<P, T>, ToolLoopResult<P, T>> {
    if (this.#calls.length > 0) {
      if (!(yield* this.#execute(decisions ?? {}))) return this.#result("awaiting_approval");
      this.#sendBack([]);
    }
    for (;;) {
      this.#defined.sending?.signal?.throwIfAborted();
      const response = yield* this.#ask();
      this.#calls = (response.toolCalls ?? []).map((raw) => ({ raw, output: undefined, isError: false }));
      if (this.#calls.length === 0) return this.#result("done");
      this.#check(response);
      if (!(yield* this.#execute())) return this.#result("awaiting_approval");
      this.#sendBack([response.messageParam]);
    }
  }

  async *#ask(): AsyncGenerator<ToolLoopEvent<P, T>, CallResponse<P, T>> {
    const plan = this.#plan;
    let response: CallResponse<P, T>;
    if (this.#defined.stream) {
      const stream = new Stream<P, T>(this.#defined, async () => plan);
      // A tool that does not exist is told to the model, not thrown.
      for await (const [chunk] of stream.chunks()) yield { type: "chunk", chunk };
      response = stream.constructCallResponse();
    } else {
      response = new CallResponse<P, T>(this.#defined, plan, await send(this.#defined, plan));
    }
    this.#steps++;
    this.#responses.push(response);
    yield { type: "response", response };
    return response;
  }

  /** Executes what may be executed, side by side. False when something waits for a person. */
  async *#execute(decisions?: Readonly<Record<string, Approval>>): AsyncGenerator<ToolLoopEvent<P, T>, boolean> {
    const open = this.#calls.filter(({ output }) => output === undefined);
    const ready: { call: OpenCall<P>; use: BoundToolUse<P> }[] = [];
    for (const call of open) {
      const use = this.#bind(call);
      if (use === undefined) continue;
      const approval = await this.#approval(call, use, decisions);
      if (call.output !== undefined) continue;
      if (approval === true) ready.push({ call, use });
      else if (approval !== undefined)
        answer(call, approval === false ? "The user denied this call." : approval.denied, true);
    }
    for (const { use } of ready) yield { type: "tool_call", use: use as unknown as ToolUse<P, T> };
    const limit = startLimit(this.#defined.sending?.signal, undefined);
    // A tool that does not listen to the signal is no longer waited for.
    const settled = await limit
      .race(Promise.allSettled(ready.map(({ call, use }) => this.#call(call, use))))
      .finally(() => limit.clear());
    for (const result of settled) if (result.status === "rejected") throw result.reason;
    for (const { raw, output, isError } of open) {
      if (output !== undefined) yield { type: "tool_result", id: raw.id, name: raw.name, output, isError };
    }
    return this.#calls.every(({ output }) => output !== undefined);
  }

  #bind(call: OpenCall<P>): BoundToolUse<P> | undefined {
    try {
      const use = useTool(call.raw, this.#plan, () => this.#responses.at(-1));
      if (use !== undefined) return use;
    } catch (error) {
      answer(call, (error as Error).message, true);
      return undefined;
    }
    throw new ConfigError(
      `The tool "${call.raw.name}" was offered through callParams: a tool loop has no function for it.`,
    );
  }

  /** Yes, no, or `undefined` while a person has not decided. */
  async #approval(
    call: OpenCall<P>,
    use: BoundToolUse<P>,
    decisions: Readonly<Record<string, Approval>> | undefined,
  ): Promise<Approval | undefined> {
    const { raw } = call;
    for (const key of [raw.id, raw.name]) {
      if (key !== "" && decisions !== undefined && Object.hasOwn(decisions, key)) return decisions[key];
    }
    const { needsApproval } = this.#options;
    try {
      return (await needsApproval?.(use as unknown as ToolUse<P, T>)) ? undefined : true;
    } catch (error) {
      // It looked at arguments that do not fit: the model's mistake, to be told to the model.
      if (!(error instanceof ToolError && error.code === "invalid_arguments" && error.toolCall === use.toolCall))
        throw error;
      answer(call, error.message, true);
      return undefined;
    }
  }

  async #call(call: OpenCall<P>, use: BoundToolUse<P>): Promise<void> {
    const signal = this.#defined.sending?.signal;
    try {
      const output = await use.call(signal === undefined ? {} : { signal });
      answer(call, serializeOutput(use.name, output), output instanceof Error);
    } catch (error) {
      signal?.throwIfAborted();
      const ofModel = error instanceof ToolError && error.code === "invalid_arguments";
      if (!ofModel && this.#options.toolErrors === "throw") throw error;
      answer(call, error instanceof Error ? error.message : String(error), true);
    }
  }

  #sendBack(turn: readonly object[]): void {
    const results = this.#calls.map(({ raw, output = "", isError }) => ({ call: raw, output, isError }));
    // Both are this provider's own messages, to be sent as they are.
    const messages = [...turn, ...this.#defined.provider.toolMessages(results)] as P["Message"][];
    this.#plan = replan(this.#defined, this.#plan, messages);
    this.#calls = [];
  }

  #check(response: CallResponse<P, T>): void {
    const { maxSteps = 10 } = this.#options;
    const details = { state: this.#state(), response };
    if (response.stopReason === "length") {
      throw new ToolLoopError(
        "cut_off",
        "The model was cut off by the token limit while it called tools: none was executed.",
        details,
      );
    }
    if (this.#steps < maxSteps) return;
    throw new ToolLoopError("max_steps", `The model still calls tools after ${maxSteps} steps.`, details);
  }

  #state(): ToolLoopState {
    const { messages } = this.#plan.neutral;
    const last = this.#responses.at(-1);
    const turn = last === undefined ? [] : [last.messageParam];
    const calls = this.#calls.map(({ raw, output, isError }) => ({
      ...pendingCall(raw),
      native: raw.native,
      ...(output !== undefined && { output, isError }),
    }));
    const state = {
      version: 1,
      provider: this.#defined.provider.name,
      history: saveHistory([...messages, ...turn]),
      calls,
      steps: this.#steps,
      tools: this.#plan.tools.map(({ name }) => name),
    };
    return JSON.parse(JSON.stringify(state, plain)) as ToolLoopState;
  }

  #result(status: ToolLoopResult<P, T>["status"]): ToolLoopResult<P, T> {
    const responses = this.#responses;
    const open = this.#calls.filter(({ output }) => output === undefined);
    const result = {
      status,
      response: responses.at(-1),
      responses,
      pending: open.map(({ raw }) => pendingCall(raw)),
      state: this.#state(),
      inputTokens: sum(responses.map(({ inputTokens }) => inputTokens)),
      outputTokens: sum(responses.map(({ outputTokens }) => outputTokens)),
      cost: sum(responses.map(({ cost }) => cost)),
    };
    // A run is only done by a response.
    return result as ToolLoopResult<P, T>;
  }
}

function answer<P extends ProviderTypes>(call: OpenCall<P>, output: string, isError: boolean): void {
  call.output = output;
  call.isError = isError;
}

function pendingCall<P extends ProviderTypes>({ id, name, input }: RawToolCall<P>): PendingCall {
  return { id, name, arguments: typeof input === "string" ? input : JSON.stringify(input) };
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((total, value) => (total === undefined || value === undefined ? undefined : total + value), 0);
}
