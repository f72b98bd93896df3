// Compiled, never run: what a wrong call says. Each line marked with `//!` must fail, with the text behind the mark in
// its first sentence; nothing else may.
import * as z from "zod";
import { cache, call, fallback, hedge, memoryStore, observe, promptTemplate, tool } from "callscope";
import { openai } from "callscope/openai";
import Anthropic from "@anthropic-ai/sdk";

const say = (genre: string) => `Recommend a ${genre} book`;
const Book = z.object({ title: z.string() });
const one = tool({ name: "one", parameters: Book, call: ({ title }) => title });

openai.call("m", { callParams: { max_tokenz: 1 } }, say); //! Did you mean to write 'max_tokens'?
openai.call("m", { callParams: { temperature: "hot" } }, say); //! Type 'string' is not assignable to type 'number'
openai.call("m", { callParams: { model: "x" } }, say); //! 'model' does not exist in type
openai.call("m", { stream: true, outputParser: (r: { content: string }) => r.content }, say); //! "an output parser needs the whole response: leave out `stream` or the parser"
openai.call("m", { client: new Anthropic() }, say); //! Type 'Anthropic' is missing the following properties from type 'OpenAI'
openai.call("m", { responseModel: { type: "object" } }, say); //! a response model is a Standard Schema or a function that makes one: wrap JSON Schema in `jsonSchema()`
// [D19] a response model is tied to the prompt's arguments; [F4] a wrong prompt is told so.
openai.call("m", { responseModel: ({ text }: { text: string }) => Book.describe(text) }, () => "x"); //! "the response model is made of the prompt's arguments: give the prompt the parameters that it takes"
openai.call("m", { responseModel: (count: number) => Book.array().max(count) })(say); //! "the response model is made of the prompt's arguments: give the prompt the parameters that it takes"
call("openai/m", { responseModel: (genre: string, count: number) => Book.describe(genre + count) }, say); //! "the response model is made of the prompt's arguments: give the prompt the parameters that it takes"
openai.call("m", { tools: [{ name: "x" }] }, say); //! is missing the following properties from type 'Tool<string, unknown, unknown>'
openai.call("m", { streem: true }, say); //! 'streem' does not exist in type
openai.call("m", say)(3); //! Argument of type 'number' is not assignable to parameter of type 'string'
openai.call("m", {}, () => 3); //! Type 'number' is not assignable to type
openai.call("m", () => 3); //! Type 'number' is not assignable to type 'Promise<PromptReturn<OpenAITypes>> | PromptReturn<OpenAITypes>'
openai.call("m", { streem: true }); //! 'streem' does not exist in type
openai.call("m", say).with({ client: new Anthropic() }); //! Type 'Anthropic' is missing the following properties from type 'OpenAI'
openai.call("m", say).with({ timout: 1 }); //! Did you mean to write 'timeout'?
openai.call("m", (): openai.DynamicConfig => ({ message: "x" })); //! Did you mean to write 'messages'?
call("anthropic/claude-haiku-4-5", { callParams: { seed: 1 } }, say); //! "anthropic has no parameter \"seed\": leave it out"
call("bedrock/m", { callParams: { presencePenalty: 1 } })(say); //! "bedrock has no parameter \"presencePenalty\": leave it out"
call("openai-responses/m", { callParams: { stop: "." } }, say); //! "openai-responses has no parameter \"stop\": leave it out"
call("openai/m", { callParams: { max_tokens: 1 } }, say); //! 'max_tokens' does not exist in type
call("gpt-4o-mini", say); //! "a model is named provider/model, as openai/gpt-4o-mini"
call("opnai/gpt-4o-mini", { stream: true }, say); //! "a model is named provider/model, as openai/gpt-4o-mini"
call("gpt-4o-mini")(say); //! "a model is named provider/model, as openai/gpt-4o-mini"
call("openai/m", () => 3); //! Type 'number' is not assignable to type 'Promise<PromptReturn<AnyTypes>> | PromptReturn<AnyTypes>'
openai.call("m", { responseModel: () => Book }, say)("x") satisfies Promise<{ title: string }>;
openai.call("m", { responseModel: (genre: string) => Book.describe(genre) })((genre: string, more?: number) => genre + more);
// What only the running program knows is not refused here, nor is what the provider takes.
const named: string = process.argv[2] ?? "openai/m";
call(named, { callParams: { seed: 1 }, stream: true }, say)("x").content satisfies string;
call("openai/m", { callParams: { seed: 1 }, outputParser: ({ content }) => content.length }, say)("x") satisfies Promise<number>;
call("anthropic/m", { callParams: { temperature: 0 }, responseModel: Book })(say)("x") satisfies Promise<{ title: string }>;
promptTemplate("A {genre} book")({}); //! Property 'genre' is missing in type '{}'
promptTemplate("Costs {price:.2f}")({ price: "9" }); //! Type 'string' is not assignable to type 'number'
tool({ name: "x", parameters: Book, call: ({ author }) => author }); //! Property 'author' does not exist on type '{ title: string; }'
const response = await openai.call("m", { tools: [one] }, say)("x");
if (response.tool?.name === "two") response.content; //! have no overlap
response.tool?.args.author; //! Property 'author' does not exist on type '{ title: string; }'
response.messageParam.role satisfies "user"; //! Type '"assistant"' does not satisfy the expected type '"user"'
(await openai.call("m", { responseModel: Book }, say)("x")).author; //! Property 'author' does not exist on type '{ title: string; }'
openai.call("m", { stream: true }, say)("x").then(() => 1); //! Property 'then' does not exist on type 'Stream<
openai.call("m", say)("x").content; //! Property 'content' does not exist on type 'ResponsePromise<
const plain = openai.call("m", say);
const streaming = openai.call("m", { stream: true }, say);
const counted = openai.call("m", (pages: number) => `${pages}`);
fallback(plain, counted); //! "legs take the same arguments"
fallback(plain, { call: counted, when: "timeout" }); //! "legs take the same arguments"
fallback(plain, streaming); //! "all legs stream (text, or structured values), or none does"
hedge(plain, streaming, { after: 1 }); //! "all legs stream (text, or structured values), or none does"
fallback(plain, call("anthropic/m", say)).with({ model: "x" }); //! "a model belongs to one provider: give it to the leg"
hedge(plain, { affter: 1 }); //! Did you mean to write 'after'?
observe({ respones: () => {} }); //! Did you mean to write 'response'?
cache(memoryStore(), { tll: 1 }); //! 'tll' does not exist in type 'CacheOptions'
cache({}); //! is missing the following properties from type 'CacheStore'
