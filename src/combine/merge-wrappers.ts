import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import type { PromptReturn } from "../prepare/prompt-types.ts";
import type { AnyCall } from "./types.ts";

/** A wrapper that gives a function of the very type it was given. */
export type Keeping = <Inner extends (...args: never[]) => unknown>(inner: Inner) => Inner;

/** A wrapper that gives a function with the same arguments and the same result. */
export type Around = <Args extends unknown[], Result>(inner: (...args: Args) => Result) => (...args: Args) => Result;

/** A wrapper that gives a function with the same arguments and a promise of the same value. */
export type AroundPromise = <Args extends unknown[], Value>(
  inner: (...args: Args) => Promise<Value>,
) => (...args: Args) => Promise<Value>;

/** A wrapper of prompts that leaves their arguments: `(write) => withMetadata({ … }, write)`. */
export type AroundPrompt = <Args extends unknown[], Return extends PromptReturn | Promise<PromptReturn>>(
  write: (...args: Args) => Return,
) => (...args: Args) => PromptReturn | Promise<PromptReturn>;

/**
 * Two wrappers as one: `mergeWrappers(outer, inner)(prompt)` is `outer(inner(prompt))`. A wrapper is a function that takes a
 * prompt or a call and gives another, `openai.call(model)` among them. Arguments and results keep their types where the
 * outer one keeps them, or where the inner one stands around a prompt. What is to stand around requests is a layer, and
 * layers are merged by their list. Throws `ConfigError` for what is no function.
 */
export function mergeWrappers<Inner extends (given: never) => unknown>(outer: Keeping, inner: Inner): Inner;
export function mergeWrappers<Outer extends Around | AroundPromise>(outer: Outer, inner: Keeping): Outer;
export function mergeWrappers<Given, Args extends unknown[], Result>(
  outer: Around,
  inner: (given: Given) => (...args: Args) => Result,
): (given: Given) => (...args: Args) => Result;
export function mergeWrappers<Given, Args extends unknown[], Result>(
  outer: AroundPromise,
  inner: (given: Given) => (...args: Args) => Result,
): (given: Given) => (...args: Args) => Promise<Awaited<Result>>;
export function mergeWrappers<Outer extends (prompt: never) => AnyCall>(outer: Outer, inner: AroundPrompt): Outer;
export function mergeWrappers<Given, Inner, Outer>(
  outer: (inner: Inner) => Outer,
  inner: (given: Given) => NoInfer<Inner>,
): (given: Given) => Outer;
export function mergeWrappers(outer: (inner: never) => unknown, inner: (given: never) => unknown): unknown {
  for (const wrapper of [outer, inner]) {
    if (typeof wrapper === "function") continue;
    throw new ConfigError(
      `mergeWrappers() takes two functions, each of which wraps a prompt or a call; it was given ${describe(wrapper)}.`,
    );
  }
  // What the inner one gives is what the outer one takes: the overloads say so.
  return (given: never) => outer(inner(given) as never);
}
