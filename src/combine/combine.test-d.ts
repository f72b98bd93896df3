// Type tests: compiled, never run. Every line must type-check and every @ts-expect-error must be an error.

import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import * as z from "zod";
import { toolLoop } from "../loop/tool-loop.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import type { CallResponse } from "../read/response.ts";
import { tool } from "../tools/tool.ts";
import { fallback } from "./fallback.ts";
import { hedge } from "./hedge.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};

const say = (text: string) => text;
const Book = z.object({ title: z.string() });
type Book = { title: string };
const count = tool({ name: "count", parameters: Book, call: ({ title }) => title.length });

const book = openai.call("m", { responseModel: Book }, say);
const other = anthropic.call("m", { responseModel: Book }, say);
const either = fallback(book, other);
assert<Equal<Parameters<typeof either>, [text: string]>>();
assert<Equal<Awaited<ReturnType<typeof either>>, Book>>();
const { value, response } = await either("x").withResponse();
assert<Equal<typeof value, Book>>();
response.response satisfies OpenAI.ChatCompletion | Anthropic.Message;
(await either.prepare("x")).request satisfies OpenAI.ChatCompletionCreateParams | Anthropic.MessageCreateParams;
assert<Equal<Awaited<ReturnType<ReturnType<typeof mixed>>>, Book | number>>();
function mixed() {
  return fallback(book, openai.call("m", { outputParser: ({ content }) => content.length }, say));
}
// Written in place, first or second.
(await fallback(openai.call("m", say), anthropic.call("m", say))("x")).content satisfies string;
(await fallback(book.with({ timeout: 1 }), other.with({ timeout: 1 }))("x")).title satisfies string;
(await hedge(openai.call("m", say), anthropic.call("m", say), { after: 1 })("x")).content satisfies string;
(await hedge(hedge(book, { after: 1 }), other, { after: 1 })("x")).title satisfies string;

// --- streams
const text = openai.call("m", { stream: true }, say);
const asking = anthropic.call("m", { stream: true, tools: [count] }, say);
for await (const [chunk, use] of fallback(text, asking)("x")) {
  chunk.chunk satisfies OpenAI.ChatCompletionChunk | Anthropic.RawMessageStreamEvent;
  use?.name satisfies "count" | undefined;
}
const growing = openai.call("m", { stream: true, responseModel: Book }, say);
const structured = hedge(growing, anthropic.call("m", { stream: true, responseModel: Book }, say), { after: 1 })("x");
for await (const partial of structured) partial.title satisfies string | undefined;
assert<Equal<typeof structured.constructedResponseModel, Book>>();

// --- what does not fit
const plain = openai.call("m", say);
const counted = openai.call("m", (pages: number) => `${pages}`);
// @ts-expect-error legs take the same arguments
fallback(plain, counted);
// @ts-expect-error legs take the same arguments
fallback(plain, { call: counted });
// @ts-expect-error legs take the same arguments
hedge(plain, counted, { after: 1 });
// @ts-expect-error all legs stream or none does
fallback(plain, text);
// @ts-expect-error structured streams and streams of text do not go together
fallback(text, growing);
// @ts-expect-error all legs stream or none does
hedge(plain, text, { after: 1 });
// @ts-expect-error a leg is a call
fallback(plain, say);
// @ts-expect-error a fallback has two legs
fallback(plain);
// @ts-expect-error a hedge says when
hedge(plain);
// @ts-expect-error a misspelt kind of error
fallback(plain, { call: plain, when: "rate_limits" });
fallback(plain, { call: plain, when: ["rate_limit", RangeError, (error, view) => view.retryable || error === 1] });

// --- with
either.with({ timeout: 1, deadline: 1, headers: { a: "1" } })("x") satisfies Promise<Book>;
// @ts-expect-error a model belongs to one provider
either.with({ model: "m" });
// @ts-expect-error parameters belong to one provider
either.with({ callParams: { temperature: 0 } });
fallback(plain, plain).with({ model: "m", callParams: { temperature: 0 } });
// @ts-expect-error a misspelt override
either.with({ timout: 1 });

// --- loops
const ended = await toolLoop(fallback(plain, anthropic.call("m", { tools: [count] }, say)))("x");
ended.response?.response satisfies OpenAI.ChatCompletion | Anthropic.Message | undefined;
ended.response?.tool?.name satisfies "count" | undefined;
toolLoop(fallback(text, asking)) satisfies (text: string) => object;
const retooled = fallback(plain, anthropic.call("m", say)).with({ tools: [count] });
(await retooled("x")) satisfies CallResponse;
(await retooled("x")).tool?.args satisfies Book | undefined;
// @ts-expect-error a loop needs the responses themselves
toolLoop(either);
