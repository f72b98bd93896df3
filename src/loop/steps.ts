import type { Attempt } from "../contract/answer.ts";
import { attemptsOf } from "../contract/attempts.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { ConfigError } from "../errors/errors.ts";
import { plain } from "../json/plain.ts";
import { saveHistory } from "../message/history.ts";
import type { Message, ResultContent } from "../message/parts.ts";
import { type Definition, type Plan, prepareNext } from "../prepare/prepare.ts";
import { reader } from "../read/reader.ts";
import { Reception } from "../read/reception.ts";
import { CallResponse } from "../read/response.ts";
import { Stream } from "../read/stream.ts";
import { receive } from "../send/receive.ts";
import { inThisScope } from "../send/scope.ts";
import { untriedReason } from "../send/signals.ts";
import type { Tool } from "../tools/tool.ts";
import { ToolError } from "../tools/tool-error.ts";
import { type BoundToolUse, type ToolUse, useTool } from "../tools/use.ts";
import { faultOf } from "./fault.ts";
import { decisionOf, fromState, type OpenCall, opened, pendingCall, toState } from "./open-call.ts";
import { answer, type ReadyCall, runTools } from "./run-tools.ts";
import { ToolLoopError } from "./tool-loop-error.ts";
import type { Approval, ToolLoopEvent, ToolLoopOptions, ToolLoopResult, ToolLoopState } from "./types.ts";

/** A state that goes on. */
export interface Resumed {
  readonly state: Pick<ToolLoopState, "calls" | "prompted" | "status">;
  readonly decisions: Readonly<Record<string, Approval>>;
}

type Events<P extends ProviderTypes, T extends Tool, Result> = AsyncGenerator<ToolLoopEvent<P, T>, Result>;

/** @internal The steps of one run: ask, execute, send back. What it knows is there at any time. */
export class Steps<P extends ProviderTypes, T extends Tool> {
  readonly responses: CallResponse<P, T>[] = [];
  /** The requests that failed and the answers that were not taken. */
  readonly attempts: Attempt[] = [];
  readonly #defined: Definition<P>;
  readonly #options: ToolLoopOptions<P, T>;
  readonly #prompted: number;
  readonly #turnsBefore: number;
  readonly #decisions: Readonly<Record<string, Approval>> | undefined;
  readonly #id = crypto.randomUUID();
  /** In the scope that the run was called in, wherever it is iterated. */
  readonly #runTools = inThisScope(runTools<P>);
  #plan: Plan<P>;
  /** What was said since the last request: converted with the next. */
  #turns: Message[] = [];
  #calls: OpenCall<P>[];
  #steps = 0;
  #status: ToolLoopState["status"] = "running";
  #stream: Stream<P, T> | undefined;
  #leg: number | undefined;
  /** What other legs came to, to be told of the first answer. */
  #earlier: readonly Attempt[] = [];

  constructor(defined: Definition<P>, options: ToolLoopOptions<P, T>, plan: Plan<P>, resumed?: Resumed) {
    this.#defined = defined;
    this.#options = options;
    this.#plan = plan;
    this.#calls = fromState(resumed?.state.calls ?? []);
    this.#decisions = resumed?.decisions;
    this.#turnsBefore = plan.neutral.messages.length;
    this.#prompted = resumed?.state.prompted ?? this.#turnsBefore;
    this.#leg = resumed === undefined ? undefined : defined.leg;
  }

  async *run(): Events<P, T, ToolLoopResult<P, T>> {
    try {
      if (this.#calls.length > 0) {
        if (!(yield* this.#execute(this.#decisions))) return this.#result("awaiting_approval");
        this.#sendBack();
      }
      for (;;) {
        const { signal } = this.#defined.sending ?? {};
        if (signal?.aborted) throw untriedReason(signal);
        const response = yield* this.#ask();
        this.#turns.push(response.message);
        this.#calls = (response.toolCalls ?? []).map(opened<P>);
        if (this.#ends(response)) return this.#result("done");
        if (this.#calls.length === 0) continue;
        if (!(yield* this.#execute())) return this.#result("awaiting_approval");
        this.#sendBack();
      }
    } catch (error) {
      if (!(error instanceof ToolLoopError)) this.attempts.push(...attemptsOf(error));
      throw error;
    }
  }

  /** The place of its call among the legs of a fallback or hedge. */
  get leg(): number | undefined {
    return this.#defined.leg;
  }

  /** Told once this leg has answered: the run stays with it, and tells what the others came to. */
  chosen(leg: number | undefined, earlier: readonly Attempt[]): void {
    this.#leg = leg;
    this.attempts.unshift(...earlier);
    const [first] = this.responses;
    if (first === undefined) this.#earlier = earlier;
    else if (earlier.length > 0) this.responses[0] = first.withAttempts(earlier);
  }

  /** Closes the connection of a run that is left. */
  leave(): void {
    this.#stream?.leave();
  }

  async *#ask(): Events<P, T, CallResponse<P, T>> {
    if (this.#turns.length > 0) this.#extend();
    const plan = this.#plan;
    let response: CallResponse<P, T>;
    if (this.#defined.stream) {
      const stream = new Stream<P, T>(
        new Reception<P, T>({ call: this.#defined, begin: async () => plan, purpose: "step" }),
      );
      this.#stream = stream;
      // A tool that does not exist is told to the model, not thrown.
      for await (const [chunk] of stream.chunks()) yield { type: "chunk", chunk };
      response = stream.constructCallResponse();
    } else {
      response = new CallResponse<P, T>(this.#defined, plan, await receive(this.#defined, plan, "step", reader));
    }
    this.#steps++;
    this.attempts.push(...response.attempts);
    if (this.#earlier.length > 0) response = response.withAttempts(this.#earlier);
    this.#earlier = [];
    this.responses.push(response);
    yield { type: "response", response };
    return response;
  }

  /** Executes what may be executed, side by side. False when something waits for a person. */
  async *#execute(decisions?: Readonly<Record<string, Approval>>): Events<P, T, boolean> {
    const open = this.#calls.filter(({ output }) => output === undefined);
    const ready: ReadyCall<P>[] = [];
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
    const { toolErrors = "send", concurrency = Number.POSITIVE_INFINITY } = this.#options;
    const signal = this.#defined.sending?.signal;
    await this.#runTools(this.#defined, ready, { signal, toolErrors, concurrency });
    for (const call of open) if (call.output !== undefined) yield resultEvent(call, call.output);
    return this.#calls.every(({ output }) => output !== undefined);
  }

  #bind(call: OpenCall<P>): BoundToolUse<P> | undefined {
    try {
      const use = useTool(call.raw, this.#plan, () => this.responses.at(-1));
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
    const decision = decisions && decisionOf(call, this.#calls, decisions);
    if (decision !== undefined) return decision;
    // It was begun before, and nobody knows how it ended.
    if (call.started) return undefined;
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

  #sendBack(): void {
    const content = this.#calls.map(({ raw: { id, name }, output = "", isError }) => {
      return { type: "tool_result", id, name, content: output, ...(isError && { isError }) } as const;
    });
    this.#extend({ role: "tool", content });
    this.#calls = [];
  }

  /** Puts what was said since the last request behind it. A step is converted in one go, not turn by turn. */
  #extend(...turns: readonly Message[]): void {
    this.#plan = prepareNext(this.#defined, this.#plan, [...this.#turns, ...turns]);
    this.#turns = [];
  }

  /** True when the answer ends the run. Throws where it is no end that may pass for one. */
  #ends(response: CallResponse<P, T>): boolean {
    const { stopReason, content, refusal } = response;
    const calls = this.#calls.length > 0;
    if (stopReason === "length") {
      const ran = calls ? " while it called tools: none was executed" : "";
      throw this.#error("cut_off", `The model was cut off by the token limit${ran}.`);
    }
    if (!calls) {
      if (stopReason === "pause") return this.#checkSteps("The model still works");
      const fault = faultOf(stopReason, refusal, content);
      if (fault !== undefined) throw this.#error(...fault);
      return true;
    }
    return this.#checkSteps("The model still calls tools");
  }

  #checkSteps(what: string): false {
    const { maxSteps = 10 } = this.#options;
    if (this.#steps < maxSteps) return false;
    throw this.#error("max_steps", `${what} after ${maxSteps} steps.`);
  }

  #error(code: ToolLoopError["code"], message: string): ToolLoopError {
    const { state, responses } = this;
    const response = responses.at(-1) as CallResponse;
    return new ToolLoopError(code, message, { state, response, responses: responses as never, ...this.#totals() });
  }

  /** Where the run stands. */
  get state(): ToolLoopState {
    const state: ToolLoopState = {
      version: 2,
      id: this.#id,
      status: this.#status,
      provider: this.#defined.provider.name,
      ...(this.#leg !== undefined && { leg: this.#leg }),
      history: saveHistory(this.#messages),
      prompted: this.#prompted,
      calls: this.#calls.map(toState),
      steps: this.#steps,
      tools: this.#plan.tools.map(({ name }) => name),
    };
    return JSON.parse(JSON.stringify(state, plain)) as ToolLoopState;
  }

  get #messages(): readonly Message[] {
    return [...(this.#plan.neutral.messages as readonly Message[]), ...this.#turns];
  }

  /** US dollars so far. */
  get cost(): number | undefined {
    return this.#totals().cost;
  }

  #totals() {
    const all = [...this.attempts, ...this.responses];
    return {
      inputTokens: sum(all.map(({ inputTokens }) => inputTokens)),
      outputTokens: sum(all.map(({ outputTokens }) => outputTokens)),
      cost: sum(all.map(({ cost }) => cost)),
    };
  }

  #result(status: ToolLoopResult<P, T>["status"]): ToolLoopResult<P, T> {
    this.#status = status;
    const { responses } = this;
    const open = this.#calls.filter(({ output }) => output === undefined);
    const messages = this.#messages;
    const result = {
      status,
      response: responses.at(-1),
      responses,
      pending: open.map((call) => pendingCall(call, this.#calls)),
      state: this.state,
      turns: messages.slice(this.#turnsBefore),
      conversation: messages.filter(({ role }) => role !== "system" && (role as string) !== "developer"),
      ...this.#totals(),
    };
    // A run is only done by a response.
    return result as ToolLoopResult<P, T>;
  }
}

function resultEvent<P extends ProviderTypes, T extends Tool>(
  { raw: { id, name }, isError, given }: OpenCall<P>,
  output: ResultContent,
): ToolLoopEvent<P, T> {
  const event = { type: "tool_result", id, name, output, isError, ...(!isError && given) };
  // What is no error comes from a tool that ran, whose name and value `T` types.
  return event as ToolLoopEvent<P, T>;
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((total, value) => (total === undefined || value === undefined ? undefined : total + value), 0);
}
