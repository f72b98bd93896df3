// Type tests: compiled, never run. Every line must type-check and every @ts-expect-error must be an error.

import type OpenAI from "openai";
import * as z from "zod";
import type { ModelOf, ResponsePromise, ToolResponsePromise } from "../../src/call/types.ts";
import { anthropic } from "../../src/providers/anthropic/index.ts";
import { openai } from "../../src/providers/openai/index.ts";
import type { OpenAITypes } from "../../src/providers/openai/types.ts";
import { tool } from "../../src/tools/tool.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};

const say = (genre: string) => `Recommend a ${genre} book`;
const Book = z.object({ title: z.string() });
type Book = { title: string };
const count = tool({ name: "count", parameters: Book, call: ({ title }) => title.length });

// --- the result follows from the options -----------------------------------------------------------------
// checklist: 40
const plain = openai.call("m", say)("x");
assert<Equal<Awaited<typeof plain>["response"], OpenAI.ChatCompletion>>();
const streamed = openai.call("m", { stream: true }, say)("x");
for await (const [chunk] of streamed) assert<Equal<typeof chunk.chunk, OpenAI.ChatCompletionChunk>>();
assert<Equal<Awaited<ReturnType<ReturnType<typeof book>>>, Book>>();
function book() {
  return openai.call("m", { responseModel: Book }, say);
}
const parsed = openai.call("m", { outputParser: async ({ content }) => content.length }, say)("x");
assert<Equal<Awaited<typeof parsed>, number>>();
const both = openai.call("m", { responseModel: Book, outputParser: ({ title }) => [title] }, say)("x");
assert<Equal<Awaited<typeof both>, string[]>>();
const partials = openai.call("m", { responseModel: Book, stream: true }, say)("x");
for await (const partial of partials) assert<Equal<typeof partial.title, string | undefined>>();
assert<Equal<typeof partials.constructedResponseModel, Book>>();
const either = await openai.call("m", { responseModel: Book, tools: [count] }, say)("x");
if ("title" in either) either satisfies Book;
else either.tool?.args satisfies Book | undefined;
const off = openai.call("m", { stream: false }, say)("x");
assert<Equal<Awaited<typeof off>["content"], string>>();

// --- hovers name what they are, models are completed and any name is taken: [F5] -------------------------
const hovered = openai.call("gpt-4o-mini", say);
assert<Equal<ReturnType<typeof hovered>, ResponsePromise<OpenAITypes>>>();
const tooled = openai.call("a-model-of-my-own", { tools: [count] }, say);
assert<Equal<ReturnType<typeof tooled>, ToolResponsePromise<OpenAITypes, typeof count>>>();
assert<Equal<Parameters<typeof openai.call>[0], ModelOf<OpenAITypes> | (string & {})>>();
assert<Equal<ModelOf<OpenAITypes>, OpenAI.ChatCompletionCreateParams["model"]>>();

// --- the SDK types the parameters, a cast passes what it does not know -------------------------------------
// checklist: 41
openai.call("m", { callParams: { reasoning_effort: "low", logit_bias: { "1": 2 } } }, say);
// @ts-expect-error a parameter of another provider
openai.call("m", { callParams: { thinking: { type: "adaptive" } } }, say);
openai.call("m", { callParams: { brand_new: true } as openai.CallParams }, say);
openai.call("m", (genre: string): openai.DynamicConfig => ({ messages: say(genre), callParams: { seed: 1 } }));
// @ts-expect-error a misspelt parameter in a dynamic configuration
openai.call("m", (genre: string): openai.DynamicConfig => ({ messages: say(genre), callParams: { sead: 1 } }));

// --- settings of a tool that one provider alone has are that provider's own declaration --------------------
// checklist: 114, 115
anthropic.call(
  "m",
  { callParams: { tools: [{ name: "t", input_schema: { type: "object" }, cache_control: { type: "ephemeral" } }] } },
  say,
);
// @ts-expect-error no other provider has it: it is refused by name, not dropped
openai.call("m", { callParams: { tools: [{ name: "t", input_schema: { type: "object" } }] } }, say);
// @ts-expect-error a tool for every provider has no setting of one of them
tool({ name: "t", cache_control: { type: "ephemeral" }, call: () => 0 });
