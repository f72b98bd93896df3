import { describe, expect, test } from "vitest";
import { deepFreeze } from "../../test/support/replay.ts";
import { PromptError } from "../errors/errors.ts";
import { loadHistory, saveHistory } from "../message/history.ts";
import type { Message, Part } from "../message/parts.ts";
import { fitConversation, thinkingAsText } from "./conversation.ts";

const rules = { name: "mistral", toolIds: /^[a-zA-Z0-9]{9}$/ };
const call = (id: string, name = "add"): Part => ({ type: "tool_call", id, name, arguments: "{}" });
const result = (id: string, name = "add"): Part => ({ type: "tool_result", id, name, content: "1" });
const turn = (...content: Part[]): Message => ({ role: "assistant", content });
const results = (...content: Part[]): Message => ({ role: "tool", content });
const user: Message = { role: "user", content: "Hi" };

const ids = (messages: readonly object[]) =>
  (messages as Message[]).flatMap(({ content }) =>
    typeof content === "string" ? [] : content.flatMap((part) => ("id" in part ? [part.id] : [])),
  );

describe("a conversation that goes on elsewhere", () => {
  test("without tools is the very same", () => {
    const messages = [user, { role: "assistant", content: "Hello" } as const];
    expect(fitConversation(messages, rules)).toBe(messages);
  });

  test("has ids that fit, the same for a call and its result, and changes nothing it was given", () => {
    const long = "call_abcdefghijklmnop";
    const messages = deepFreeze([
      user,
      turn(call(long), call("fits12345")),
      results(result("fits12345"), result(long)),
    ]);
    const [first, second, third, fourth] = ids(fitConversation(messages, rules));
    expect(first).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect([second, third, fourth]).toEqual(["fits12345", "fits12345", first]);
    expect(ids(fitConversation(messages, rules))).toEqual([first, second, third, fourth]);
  });

  test("keeps ids that the provider takes", () => {
    const messages = [user, turn(call("call_abcdefghijklmnop")), results(result("call_abcdefghijklmnop"))];
    expect(ids(fitConversation(messages, { name: "openai" }))).toEqual([
      "call_abcdefghijklmnop",
      "call_abcdefghijklmnop",
    ]);
    const long = "x".repeat(41);
    const [first] = ids(fitConversation([user, turn(call(long)), results(result(long))], { name: "openai" }));
    expect(first).toHaveLength(9);
  });

  test("has unique ids where another provider gave one twice", () => {
    const once = [turn(call("fits12345")), results(result("fits12345"))];
    const [first, second, third, fourth] = ids(fitConversation([user, ...once, ...once], rules));
    expect(first).toBe("fits12345");
    expect(second).toBe("fits12345");
    expect(third).not.toBe("fits12345");
    expect(fourth).toBe(third);
  });

  test("has ids where another provider gave none, matched by name and order", () => {
    const messages = [
      user,
      turn(call("", "add"), call("", "pay"), call("", "add")),
      results(result("", "pay"), result("", "add"), result("", "add")),
    ];
    const [one, pay, two, ...answered] = ids(fitConversation(messages, rules));
    expect(new Set([one, pay, two, ""]).size).toBe(4);
    expect(answered).toEqual([pay, one, two]);
  });

  test("has no ids where the provider takes none, for as many calls as there are", () => {
    const messages = [user, turn(call("", "add"), call("", "pay")), results(result("", "pay"), result("", "add"))];
    const fitted = fitConversation(deepFreeze(messages), { name: "gemini", toolIds: /^.{0,64}$/ });
    expect(ids(fitted)).toEqual(["", "", "", ""]);
  });

  test("has a result for every call, also in the middle", () => {
    const messages = [user, turn(call("a"), call("b")), results(result("a")), user, turn(call("c"))];
    const fitted = fitConversation(messages, rules) as Message[];
    expect(fitted.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user", "assistant", "tool"]);
    const [, second] = ids(fitted);
    const closing = {
      type: "tool_result",
      name: "add",
      content: "The tool was not run: there is no result.",
      isError: true,
    };
    expect(fitted[2]?.content).toMatchObject([{ content: "1" }, { ...closing, id: second }]);
    expect(fitted[5]?.content).toMatchObject([closing]);
  });

  test("[A7] closes a call that was a structured answer with the word that it was taken", () => {
    const answered: Part = { type: "tool_call", id: "fits12345", name: "Book", arguments: "{}", answer: true };
    const fitted = fitConversation([user, turn(answered, call("fits12346")), user], rules) as Message[];
    expect(fitted[2]?.content).toEqual([
      { type: "tool_result", id: "fits12345", name: "Book", content: "The answer was taken." },
      expect.objectContaining({ id: "fits12346", isError: true }),
    ]);
  });

  test("keeps the provider's own turns byte for byte", () => {
    const own: Message = {
      ...turn(call("call_with_its_own_long_id")),
      native: { provider: "mistral", message: { role: "assistant" } },
    };
    const fitted = fitConversation([user, own, results(result("call_with_its_own_long_id"))], rules);
    expect(fitted[1]).toBe(own);
    expect(ids(fitted)[1]).toBe("call_with_its_own_long_id");
  });

  test("takes native messages after a call for its answer", () => {
    const native = { role: "tool", tool_call_id: "a", content: "1" };
    expect(fitConversation<object>([user, turn(call("a")), native, user], rules)).toHaveLength(4);
  });

  test("takes a neutral result for the answer to a native turn", () => {
    const native = { role: "model", parts: [{ functionCall: { name: "add" } }] };
    const messages = [user, native, results(result(""))];
    expect(fitConversation<object>(messages, rules)).toEqual(messages);
  });

  test("refuses a result that answers nothing", () => {
    expect(() => fitConversation([user, results(result("a"))], rules)).toThrow(PromptError);
    expect(() => fitConversation([user, turn(call("a")), { role: "tool", content: "1" }], rules)).toThrow(PromptError);
  });
});

test("thoughts go as text where that is chosen", () => {
  const thought = turn({ type: "thinking", text: "Hm.", signature: "s" }, { type: "text", text: "Yes" });
  expect(thinkingAsText([user, thought])).toEqual([
    user,
    turn({ type: "text", text: "<thinking>Hm.</thinking>\n" }, { type: "text", text: "Yes" }),
  ]);
});

describe("a history", () => {
  const native = { role: "assistant", content: [{ redacted: new Uint8Array([1, 2, 3]), $bytes: "x", $$bytes: 1 }] };
  const messages: Message[] = [
    user,
    { role: "assistant", content: "Yes", native: { provider: "bedrock", message: native } },
  ];

  test("survives JSON, bytes and all", () => {
    const stored = JSON.stringify(saveHistory(messages));
    expect(loadHistory(JSON.parse(stored))).toEqual(messages);
    expect(JSON.parse(stored)).toMatchObject({ format: "callscope/history", version: 1 });
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["a bare list", [user]],
    ["another version", { format: "callscope/history", version: 2, messages: [] }],
    ["a message that is none", { format: "callscope/history", version: 1, messages: ["Hi"] }],
    ["a message without a role", { format: "callscope/history", version: 1, messages: [{ content: "Hi" }] }],
  ])("that is %s is refused", (_, saved) => expect(() => loadHistory(saved)).toThrow(PromptError));

  test("pollutes no prototype", () => {
    const stored =
      '{"format":"callscope/history","version":1,"messages":[{"role":"user","content":"x","__proto__":{"polluted":1}}]}';
    const [message] = loadHistory(JSON.parse(stored));
    expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
