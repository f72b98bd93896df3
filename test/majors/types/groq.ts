import { groq as provider } from "callscope/groq";
import type Groq from "groq-sdk";

// What a user of this SDK relies on: its own types come through, none of them `any`, and a misspelt parameter is an error.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};
type Known<T> = 0 extends 1 & T ? false : true;

const ask = provider.call("model", { callParams: { temperature: 0 } }, (genre: string) => `Recommend a ${genre} book`);
const response = await ask("fantasy");
assert<Equal<Parameters<typeof ask>, [genre: string]>>();
assert<Equal<typeof response.response, Groq.Chat.ChatCompletion>>();
assert<Known<typeof response.response>>();
assert<Known<NonNullable<typeof response.usage>>>();
assert<Known<typeof response.messageParam>>();
assert<Known<NonNullable<typeof response.finishReasons>[number]>>();
assert<Equal<typeof response.content, string>>();
for await (const [chunk] of provider.call("model", { stream: true }, () => "Hi")()) assert<Known<typeof chunk.chunk>>();
// @ts-expect-error a misspelt parameter
provider.call("model", { callParams: { temprature: 0 } }, () => "Hi");
// @ts-expect-error a client of nobody's
provider.call("model", { client: { no: 1 } }, () => "Hi");
