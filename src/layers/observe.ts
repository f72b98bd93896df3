import type { Answer } from "../contract/answer.ts";
import {
  type CallRun,
  type EventStream,
  type Layer,
  type LoopEnd,
  type LoopRun,
  leftWith,
  type Outgoing,
  passesEvents,
  type ToolRun,
} from "../contract/layer.ts";
import { Received, type ReceivedData, toReceived } from "../contract/received.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { checkOptions } from "./options.ts";

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

const keys = ["request", "chunk", "response", "value", "tool", "loop", "error"] as const satisfies (keyof Hooks)[];

/**
 * Tells what happens around a call, in order, each thing once, also where a stream or a run is left. A hook that throws
 * ends the call with that very error, which is not told to `error`. Throws `ConfigError` for what is no hook.
 */
export function observe(hooks: Hooks): Layer {
  checkOptions("observe()", hooks, keys);
  const given = keys.filter((key) => hooks[key] !== undefined);
  if (given.length === 0) throw new ConfigError(`observe() needs a hook: one of ${keys.join(", ")}.`);
  for (const key of given) {
    if (typeof hooks[key] === "function") continue;
    throw new ConfigError(`The hook \`${key}\` is a function; it was given ${describe(hooks[key])}.`);
  }
  const failures = new Failures(hooks.error);
  return {
    name: "observe",
    [passesEvents]: true,
    send: (request, next) => observeSend(hooks, failures, request, next),
    stream: (request, next) => new ObservedEvents(hooks, failures, request, next),
    async call(use, next) {
      const end = await failures.around(use, () => next(use));
      // What stands for an answer that never came is no result to tell of.
      if (failures.answers(end.response)) return end;
      const value = await failures.own(() => hooks.value?.(end.value, end.response, use));
      return value === undefined ? end : { ...end, value };
    },
    async tool(use, next) {
      const output = await failures.around(use, () => next(use));
      await failures.own(() => hooks.tool?.(use, output));
      return output;
    },
    async loop(run, next) {
      const end = await failures.around(run, () => next(run), hooks.loop);
      await failures.own(() => hooks.loop?.(end, run));
      return end;
    },
  };
}

/** Errors are told where they arise, and not again where they pass through. */
class Failures {
  readonly #hook: Hooks["error"];
  readonly #told = new WeakSet<object>();
  readonly #given = new WeakSet<object>();

  constructor(hook: Hooks["error"]) {
    this.#hook = hook;
  }

  /** Runs a hook: what it throws is not told again. */
  async own<Result>(hook: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await hook();
    } catch (error) {
      if (isObject(error)) this.#told.add(error);
      throw error;
    }
  }

  /** What the hook gives for an error: an answer. Throws the error, or the one that takes its place. */
  async tell(error: unknown, of: Failed): Promise<ReceivedData> {
    const given = await this.own(() => this.#hook?.(error, of));
    if (isReceived(given)) {
      this.#given.add(given.response);
      return given;
    }
    const thrown = given === undefined ? error : given;
    if (isObject(thrown)) this.#told.add(thrown);
    throw thrown;
  }

  /** Whether the hook gave this answer in the place of an error. */
  answers(answer: Answer | undefined): boolean {
    return answer !== undefined && this.#given.has(answer.response);
  }

  /** Refuses what a hook gave. */
  refuse(message: string, cause?: unknown): never {
    const error = new ConfigError(message, cause === undefined ? {} : { cause });
    this.#told.add(error);
    throw error;
  }

  /** Work whose error is told unless it was told inside, and cannot be answered. */
  async around<Result>(
    of: CallRun | ToolRun | LoopRun,
    work: () => Promise<Result>,
    loop?: Hooks["loop"],
  ): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      const left = isObject(error) ? (error as { readonly [leftWith]?: LoopEnd })[leftWith] : undefined;
      if (left !== undefined) await loop?.(left, of as LoopRun);
      if (left !== undefined || (isObject(error) && this.#told.delete(error))) throw error;
      await this.tell(error, of);
      return this.refuse(
        "The hook `error` answers a request that failed; what failed here had its answers: give another error.",
        error,
      );
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** An answer, as opposed to an error that has a response. */
function isReceived(given: unknown): given is ReceivedData {
  return isObject(given) && !(given instanceof Error) && isObject((given as { response?: unknown }).response);
}

async function observeSend(
  hooks: Hooks,
  failures: Failures,
  request: Outgoing,
  next: Parameters<NonNullable<Layer["send"]>>[1],
): Promise<ReceivedData> {
  await failures.own(() => hooks.request?.(request));
  let received: Received;
  let answer: Answer | undefined;
  try {
    received = toReceived(await next(request));
    answer = hooks.response && request.read(received);
  } catch (error) {
    return await failures.tell(error, request);
  }
  const given = answer && (await failures.own(() => hooks.response?.(answer, request, false)));
  if (given === undefined) return received;
  if (!isReceived(given)) {
    failures.refuse(`The hook \`response\` gives { response } or nothing; it gave ${describe(given)}.`);
  }
  return given instanceof Received ? given : new Received({ ...received, ...given });
}

/** The events of a request, each told of before it is handed on. */
class ObservedEvents implements EventStream, AsyncIterator<object> {
  readonly #hooks: Hooks;
  readonly #failures: Failures;
  readonly #request: Outgoing;
  readonly #next: (request: Outgoing) => EventStream;
  #inner: EventStream | undefined;
  #events: AsyncIterator<object> | undefined;
  #over = false;

  constructor(hooks: Hooks, failures: Failures, request: Outgoing, next: (request: Outgoing) => EventStream) {
    this.#hooks = hooks;
    this.#failures = failures;
    this.#request = request;
    this.#next = next;
  }

  get head() {
    return this.#inner?.head;
  }

  get notes() {
    return this.#inner?.notes;
  }

  get answer() {
    return this.#inner?.answer;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<object>> {
    if (this.#events === undefined) {
      await this.#failures.own(() => this.#hooks.request?.(this.#request));
      this.#inner = this.#next(this.#request);
      this.#events = this.#inner[Symbol.asyncIterator]();
    }
    const step = await this.#step(this.#events);
    if (this.#over) return step;
    if (step.done) await this.#end(false);
    else await this.#failures.own(() => this.#hooks.chunk?.(step.value, this.#request));
    return step;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#events?.return?.();
    if (this.#events !== undefined && !this.#over) await this.#end(true);
    return { done: true, value: undefined };
  }

  async #step(events: AsyncIterator<object>): Promise<IteratorResult<object>> {
    try {
      return await events.next();
    } catch (error) {
      // The read that was pending when it was left: that it was left is told.
      if (this.#over) throw error;
      this.#over = true;
      await this.#failures.tell(error, this.#request);
      return this.#failures.refuse(
        "The hook `error` cannot answer for a stream: give another error, or nothing.",
        error,
      );
    }
  }

  async #end(left: boolean): Promise<void> {
    this.#over = true;
    const { answer } = this;
    if (answer === undefined) return;
    const given = await this.#failures.own(() => this.#hooks.response?.(answer, this.#request, left));
    if (given === undefined || left) return;
    this.#failures.refuse("The hook `response` cannot change the answer of a stream: its events are read already.");
  }
}
