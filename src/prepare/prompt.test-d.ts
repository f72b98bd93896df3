import type { Message } from "../message/parts.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";
import { type PromptDump, type PromptFunction, prompt, promptTemplate, withMetadata } from "./prompt.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_T extends true>(): void => {};

// checklist: 33
// A prompt is a value with the arguments of its function in all that can be done with it.
const recommend = prompt((genre: string, count?: number) => `Recommend ${count ?? 1} ${genre} books`);
assert<Equal<typeof recommend, PromptFunction<[genre: string, count?: number]>>>();
assert<Equal<ReturnType<typeof recommend>, Promise<Message[]>>>();
assert<Equal<ReturnType<typeof recommend.messages>, Promise<Message[]>>>();
assert<Equal<ReturnType<typeof recommend.text>, Promise<string>>>();
assert<Equal<ReturnType<typeof recommend.dump>, Promise<PromptDump>>>();
assert<Equal<Parameters<typeof recommend.dump>, [genre: string, count?: number | undefined]>>();
// @ts-expect-error the genre is a text
recommend.text(1);

// Of a template too, and with a configuration of its own.
const template = promptTemplate("SYSTEM: You know {what}.\nUSER: {count:.0f} books");
template.text({ what: "books", count: 3 });
// @ts-expect-error a variable is missing
template.dump({ what: "books" });
const configured = prompt((genre: string) => ({ messages: genre, metadata: { version: 1 } }));
assert<Equal<ReturnType<typeof configured.messages>, Promise<Message[]>>>();
assert<Equal<Awaited<ReturnType<typeof configured>>["metadata"], { version: number }>>();
withMetadata({ version: 1 }, recommend).text("fantasy", 2);

// And it runs with any call, which has its arguments.
const byGpt = openai.call("gpt-4o-mini")(recommend);
assert<Equal<Parameters<typeof byGpt>, [genre: string, count?: number | undefined]>>();
const byClaude = anthropic.call("claude-haiku-4-5", { callParams: { max_tokens: 100 } })(template);
// @ts-expect-error a variable is missing
byClaude({ what: "books" });
