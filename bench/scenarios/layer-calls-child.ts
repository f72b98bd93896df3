import { tool } from "callscope";
import { openai } from "callscope/openai";
import type OpenAI from "openai";
import { type Contender, measure } from "../measure.ts";
import { conversation, model, Profile, profile, Query, searchText, toolNames } from "../samples.ts";
import * as wire from "../stub-answers.ts";

// Run by itself: prints what our layer adds to the larger calls of OpenAI's, above a client that answers from memory, as JSON.
const headers = new Headers();
const name = "Profile";
const called = {
  ...wire.chatAnswer,
  choices: [
    {
      index: 0,
      logprobs: null,
      finish_reason: "tool_calls",
      message: {
        role: "assistant",
        content: null,
        refusal: null,
        tool_calls: [{ id: "call_1", type: "function", function: { name, arguments: JSON.stringify(profile) } }],
      },
    },
  ],
};

function stubOf(
  answer: (sent: { readonly tools?: readonly { readonly function: { readonly name: string } }[] }) => object,
) {
  const create = (sent: Parameters<typeof answer>[0]) => {
    const promise = Promise.resolve(answer(sent));
    return Object.assign(promise, { withResponse: async () => ({ data: await promise, response: { headers } }) });
  };
  // A stub has only the methods that a call uses, so it is no whole client to the compiler.
  return { create, client: { chat: { completions: { create } } } as unknown as OpenAI };
}

const plain = stubOf(() => wire.chatAnswer);
const structured = stubOf(({ tools }) => {
  const [choice] = called.choices;
  const [call] = choice?.message.tool_calls ?? [];
  if (choice === undefined || call === undefined || tools?.[0] === undefined) return called;
  const named = { ...call, function: { ...call.function, name: tools[0].function.name } };
  return { ...called, choices: [{ ...choice, message: { ...choice.message, tool_calls: [named] } }] };
});
const tools = toolNames.map((one) =>
  tool({ name: one, description: searchText, parameters: Query, call: ({ query }) => query }),
);
const big = openai.call(model, { client: plain.client, tools }, () => conversation);
const extract = openai.call(model, { client: structured.client, responseModel: Profile }, (text: string) => text);
const sent = { tools: [{ function: { name } }] };

const pairs: Readonly<Record<string, readonly [Contender, Contender]>> = {
  "100 KB, 200 messages, 10 tools": [
    { name: "stub", run: async () => plain.create({}) },
    { name: "callscope", run: async () => (await big()).content },
  ],
  "extraction, 30 fields": [
    // What anybody has to do: the JSON, and zod's validation.
    { name: "stub", run: async () => Profile.parse(JSON.parse(argumentsOf(await structured.create(sent)))) },
    { name: "callscope", run: async () => extract("Ada") },
  ],
};

function argumentsOf(answer: object): string {
  return (answer as typeof called).choices[0]?.message.tool_calls[0]?.function.arguments ?? "";
}

const added: Record<string, number> = {};
for (const [what, pair] of Object.entries(pairs)) {
  const figures = await measure(pair, "stub", { rounds: 11, warmUp: 20_000, longest: 4000, sample: 40 });
  added[what] = figures.find((one) => one.name === "callscope")?.added ?? Number.NaN;
}
console.log(JSON.stringify(added));
