import { openai as theirs } from "@ai-sdk/openai";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import * as z from "zod";
import { fallback } from "../combine/fallback.ts";
import type { Message } from "../message/parts.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";
import { type AISDKTypes, aiSdk, type CallResponse, call, languageModel } from "./index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};

// A model, or its name with the SDK's provider as the client: the same call as of every other subpath.
const count = tool({ name: "count", parameters: z.object({ title: z.string() }), call: ({ title }) => title.length });
const ask = call(theirs("gpt-5-mini"), { tools: [count] }, (genre: string) => `A ${genre} book?`);
assert<Equal<Parameters<typeof ask>, [genre: string]>>();
assert<Equal<Awaited<ReturnType<typeof ask>>, CallResponse<typeof count>>>();
aiSdk.call("gpt-5-mini", { client: theirs }, () => "Hi");
call(theirs("gpt-5-mini"), { callParams: { maxOutputTokens: 5, reasoning: "low" } }, () => "Hi");
const book = call(theirs("gpt-5-mini"), { responseModel: z.object({ title: z.string() }) })((genre: string) => genre);
assert<Equal<Awaited<ReturnType<typeof book>>, { title: string }>>();
call(theirs("gpt-5-mini"), (): AISDKTypes["Message"][] => [{ role: "system", content: "Be brief." }]);
// @ts-expect-error no parameter of the SDK
call(theirs("gpt-5-mini"), { callParams: { max_tokens: 5 } }, () => "Hi");
// @ts-expect-error the prompt belongs to the call itself
call(theirs("gpt-5-mini"), { callParams: { prompt: [] } }, () => "Hi");
// @ts-expect-error neither a model nor a name
call(3, () => "Hi");

// A call that is given the conversation, one without a prompt, several in one.
const asTheyAre = (messages: readonly Message[]) => messages;
assert<Equal<ReturnType<typeof languageModel>, LanguageModelV4>>();
languageModel(openai.call("gpt-5-mini", asTheyAre));
languageModel(openai.call("gpt-5-mini", { callParams: { seed: 1 } }));
languageModel(openai.call("gpt-5-mini"), { turns: 0 });
languageModel(fallback(openai.call("gpt-5-mini", asTheyAre), openai.call("gpt-5", asTheyAre)));
languageModel(call(theirs("gpt-5-mini"), asTheyAre));
// @ts-expect-error a prompt with arguments of its own is given none of them there
languageModel(openai.call("gpt-5-mini", (genre: string) => genre));
// @ts-expect-error a function is no call
languageModel((messages: readonly Message[]) => messages);
