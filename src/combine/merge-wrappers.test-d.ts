import * as z from "zod";
import { withMetadata } from "../prepare/prompt.ts";
import type { PromptReturn } from "../prepare/prompt-types.ts";
import { openai } from "../providers/openai/index.ts";
import { mergeWrappers } from "./merge-wrappers.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};

const same = <Inner extends (...args: never[]) => unknown>(inner: Inner): Inner => inner;
const around =
  <Args extends unknown[], Result>(call: (...args: Args) => Result) =>
  (...args: Args): Result =>
    call(...args);
const twice =
  <Args extends unknown[], Value>(call: (...args: Args) => PromiseLike<Value>) =>
  async (...args: Args): Promise<Value> =>
    call(...args);
const tagged = <Args extends unknown[], Return extends PromptReturn | Promise<PromptReturn>>(
  write: (...args: Args) => Return,
) => withMetadata({ version: 1 }, write);

const bind = openai.call("m", { responseModel: z.object({ title: z.string() }) });
const write = (genre: string, count: number) => `${count} ${genre} books`;

// checklist: 34
// One that gives what it was given: the call stays a call.
const kept = mergeWrappers(same, bind)(write);
assert<Equal<Parameters<typeof kept>, [genre: string, count: number]>>();
assert<Equal<Awaited<ReturnType<typeof kept>>, { title: string }>>();
kept.with({ model: "other" });

// One that keeps arguments and result, and one that keeps arguments and value.
const timed = mergeWrappers(around, bind)(write);
assert<Equal<Parameters<typeof timed>, [genre: string, count: number]>>();
assert<Equal<Awaited<ReturnType<typeof timed>>, { title: string }>>();
const retried = mergeWrappers(twice, bind)(write);
assert<Equal<Parameters<typeof retried>, [genre: string, count: number]>>();
assert<Equal<ReturnType<typeof retried>, Promise<{ title: string }>>>();
// @ts-expect-error the prompt takes a text first
retried(1, 2);

// One around prompts: what binds them stays what it was.
const bound = mergeWrappers(bind, tagged);
assert<Equal<typeof bound, typeof bind>>();
assert<Equal<Awaited<ReturnType<ReturnType<typeof bound<[genre: string], string>>>>, { title: string }>>();
assert<Equal<typeof bind, ReturnType<typeof boundInPlace>>>();
const boundInPlace = () => mergeWrappers(bind, (write) => withMetadata({ version: 1 }, write));

// Of more than two, each with a name.
const inner = mergeWrappers(twice, bound);
const all = mergeWrappers(around, inner)(write);
assert<Equal<Parameters<typeof all>, [genre: string, count: number]>>();
assert<Equal<ReturnType<typeof all>, Promise<{ title: string }>>>();
assert<Equal<ReturnType<ReturnType<typeof two<[number], string>>>, string>>();
const two = mergeWrappers(around, same);

// Plain functions.
const length = mergeWrappers(
  (text: string) => text.length,
  (value: number) => `${value}`,
);
assert<Equal<typeof length, (given: number) => number>>();
mergeWrappers(
  (text: string) => text.length,
  // @ts-expect-error what the inner one gives, the outer one does not take
  (value: number) => value,
);
// @ts-expect-error no function
mergeWrappers("x", around);
// @ts-expect-error one alone is nothing to merge
mergeWrappers(around);
