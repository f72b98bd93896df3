import type { Answer } from "../contract/answer.ts";
import { type CallRun, type LoopEnd, type LoopRun, leftWith, type ToolRun } from "../contract/layer.ts";
import type { ReceivedData } from "../contract/received.ts";
import { ConfigError } from "../errors/errors.ts";
import type { Failed, Hooks } from "./observe-hooks.ts";

/** Errors are told where they arise, and not again where they pass through. */
export class Failures {
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
export function isReceived(given: unknown): given is ReceivedData {
  return isObject(given) && !(given instanceof Error) && isObject((given as { response?: unknown }).response);
}
