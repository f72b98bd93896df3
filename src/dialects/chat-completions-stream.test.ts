import { expect, test } from "vitest";
import { chunk } from "../../test/support/chat-server.ts";
import { deepFreeze } from "../../test/support/replay.ts";
import type { Draft, ProviderTypes } from "../contract/provider.ts";
import type { ChatBody } from "./chat-completions-read.ts";
import { readChatChunk } from "./chat-completions-stream.ts";

/** Folds events, which stay as they are, and gives the draft. */
function fold(...events: object[]): Draft<ProviderTypes> & { readonly body: ChatBody } {
  const draft: Draft<ProviderTypes> = { response: undefined, calls: [], done: false };
  for (const event of events) readChatChunk<ProviderTypes>(deepFreeze(event), draft);
  return { ...draft, body: draft.response as ChatBody };
}

const message = (draft: ReturnType<typeof fold>) => draft.body.choices?.[0]?.message;

test("the arguments of a legacy function call grow, its name does not", () => {
  const draft = fold(
    chunk({ function_call: { name: "add", arguments: "" } }),
    chunk({ function_call: { arguments: '{"a":' } }),
    chunk({ function_call: { name: "add", arguments: "1}" } }),
    chunk({}, "function_call"),
  );
  expect(message(draft)).toMatchObject({ function_call: { name: "add", arguments: '{"a":1}' } });
});

test("what stands beside a tool call stays with it: Gemini's signatures are asked back", () => {
  const call = { index: 0, id: "1", type: "function", function: { name: "f", arguments: "{", provider: { a: 1 } } };
  const draft = fold(
    chunk({ tool_calls: [{ ...call, extra_content: { google: { thought_signature: "s" } } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: "}" } }] }),
    chunk({}, "tool_calls"),
  );
  expect(message(draft)?.tool_calls).toEqual([
    {
      id: "1",
      type: "function",
      function: { name: "f", arguments: "{}", provider: { a: 1 } },
      extra_content: { google: { thought_signature: "s" } },
    },
  ]);
});

test("empty text after a finish adds nothing", () => {
  const call = { index: 0, id: "1", type: "function", function: { name: "f", arguments: "{}" } };
  const end = chunk({ content: "" }, "tool_calls");
  expect(message(fold(chunk({ tool_calls: [call] }), end, end))?.content).toBeNull();
});

test("items of one index and type are one, others stand side by side", () => {
  const part = (index: number | undefined, type: string, more: object) => ({
    ...(index !== undefined && { index }),
    type,
    ...more,
  });
  const draft = fold(
    chunk({ reasoning_details: [part(0, "reasoning.text", { text: "a", signature: null })] }),
    chunk({
      reasoning_details: [part(0, "reasoning.text", { text: "b" }), part(0, "reasoning.encrypted", { data: "x" })],
    }),
    chunk({ reasoning_details: [part(0, "reasoning.text", { text: "", signature: "s" })] }),
    chunk({ annotations: [part(undefined, "url_citation", { text: "1" })] }),
    chunk({ annotations: [part(undefined, "url_citation", { text: "2" })] }),
  );
  expect(message(draft)).toMatchObject({
    reasoning_details: [
      { index: 0, type: "reasoning.text", text: "ab", signature: "s" },
      { index: 0, type: "reasoning.encrypted", data: "x" },
    ],
    annotations: [
      { type: "url_citation", text: "1" },
      { type: "url_citation", text: "2" },
    ],
  });
});

test("what nobody knows is kept, wherever it stands, and pollutes nothing", () => {
  const choice = { index: 0, delta: { content: "x" }, native_finish_reason: "end", filter: { a: 1 } };
  const polluting = JSON.parse(
    '{"__proto__":{"polluted":1},"choices":[{"__proto__":{"polluted":1},"delta":{"__proto__":{"polluted":1},"function_call":{"__proto__":{"polluted":1}}}}]}',
  ) as object;
  const draft = fold(
    { ...chunk({}), id: "", created: 0, model: null, choices: [choice], citations: ["a"], meta: { a: 1 } },
    { ...chunk({}), choices: [{ index: 0, delta: {}, filter: { b: 2 } }], citations: ["a", "b"], meta: { b: 2 } },
    polluting,
    chunk({}, "stop"),
  );
  expect(draft.body).toEqual({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "gpt-4o-mini",
    citations: ["a", "b"],
    meta: { a: 1, b: 2 },
    choices: [
      {
        index: 0,
        finish_reason: "stop",
        native_finish_reason: "end",
        filter: { a: 1, b: 2 },
        message: { role: "assistant", content: "x", refusal: null, function_call: {} },
      },
    ],
  });
  expect((draft.body as { polluted?: unknown }).polluted).toBeUndefined();
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test("several choices are done when each has its reason, also one that begins late", () => {
  const choice = (index: number, finish: string | null) => ({
    ...chunk({}),
    choices: [{ index, delta: { content: "x" }, finish_reason: finish }],
  });
  expect(fold(choice(0, "stop")).done).toBe(true);
  expect(fold(choice(0, "stop"), choice(1, null)).done).toBe(false);
  expect(fold(choice(0, "stop"), choice(1, null), choice(1, "length")).done).toBe(true);
});

test("a tool call of a further choice stays in that choice, whole", () => {
  const piece = (index: number, call: object, finish: string | null = null) => ({
    ...chunk({}),
    choices: [{ index, delta: { tool_calls: [{ index: 0, ...call }] }, finish_reason: finish }],
  });
  const named = (id: string, name: string) => ({ id, type: "function", function: { name, arguments: '{"a"' } });
  const draft = fold(
    piece(0, named("1", "f")),
    piece(1, named("2", "g")),
    piece(0, { function: { arguments: ":1}" } }, "tool_calls"),
    piece(1, { function: { arguments: ":2}" } }, "tool_calls"),
  );
  expect(draft.calls.map(({ id, name, input }) => ({ id, name, input }))).toEqual([
    { id: "1", name: "f", input: '{"a":1}' },
  ]);
  expect(draft.body.choices?.map((choice) => choice.message?.tool_calls)).toEqual([
    [{ id: "1", type: "function", function: { name: "f", arguments: '{"a":1}' } }],
    [{ id: "2", type: "function", function: { name: "g", arguments: '{"a":2}' } }],
  ]);
});

test("what a program added to the prototype of all objects is in no answer", () => {
  const read = () => {
    Object.defineProperty(Object.prototype, "added", { value: "odd", enumerable: true, configurable: true });
    try {
      const { body } = fold(chunk({ content: "Hi" }), chunk({}, "stop"));
      const [choice] = body.choices ?? [];
      return [body, choice, choice?.message].map((one) => Object.keys(one ?? {}));
    } finally {
      Reflect.deleteProperty(Object.prototype, "added");
    }
  };
  const keys = read();
  expect(keys.flat()).toContain("choices");
  expect(keys.flat()).not.toContain("added");
});
