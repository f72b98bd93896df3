import type OpenAI from "openai";
import { z } from "zod";
import { compatible } from "../index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};

const prompt = (genre: string) => `Recommend a ${genre} book`;

// A service's answers are the SDK's, its values the model's.
const house = compatible({ name: "house", baseURL: "http://127.0.0.1:9/v1" });
const ask = house.call("qwen3", prompt);
assert<Equal<Parameters<typeof ask>, [genre: string]>>();
assert<Equal<Awaited<ReturnType<typeof ask>>["response"], OpenAI.ChatCompletion>>();
const book = house.call("qwen3", { responseModel: z.object({ title: z.string() }) }, prompt);
assert<Equal<Awaited<ReturnType<typeof book>>, { title: string }>>();

// Parameters are OpenAI's and those that were named.
const { call } = compatible<{ readonly reasoning?: { readonly effort?: "low" } }>("openrouter");
call("m", { callParams: { reasoning: { effort: "low" }, temperature: 0 } }, prompt);
// @ts-expect-error not one of the efforts that were named
call("m", { callParams: { reasoning: { effort: "lots" } } }, prompt);
// @ts-expect-error neither OpenAI's nor named
compatible("openrouter").call("m", { callParams: { reasoning: {} } }, prompt);
// @ts-expect-error no service that is known by name
compatible("olama");
// @ts-expect-error an address belongs to it
compatible({ name: "house" });
