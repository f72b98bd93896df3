import { describe, expect, it } from "vitest";
import { AnswerReader, type AnswerStart } from "./answer.ts";
import type { LocalDelta } from "./types.ts";

/** What comes of a text cut into pieces of `size` characters. */
function readAll(text: string, start: AnswerStart, size: number) {
  let ids = 0;
  const reader = new AnswerReader(start, () => `id${ids++}`);
  const deltas: LocalDelta[] = [];
  for (let at = 0; at < text.length; at += size) deltas.push(...reader.read(text.slice(at, at + size)));
  deltas.push(...reader.end());
  const calls: { id: string; name: string; arguments: string }[] = [];
  for (const { toolCall } of deltas) {
    if (toolCall === undefined) continue;
    calls[toolCall.index] ??= { id: toolCall.id ?? "", name: toolCall.name ?? "", arguments: "" };
    calls[toolCall.index]!.arguments += toolCall.arguments ?? "";
  }
  const join = (key: "content" | "thinking") => deltas.map((delta) => delta[key] ?? "").join("");
  return { content: join("content"), thinking: join("thinking"), calls };
}

const text = { kind: "text", tools: true } as const;
const call = (name: string, args: string) => `<tool_call>\n{"name": "${name}", "arguments": ${args}}\n</tool_call>`;

// Cut at every place, and not at all.
describe.each([1, 2, 3, 7, 1000])("AnswerReader in pieces of %i", (size) => {
  it("gives text as it is, marks in the middle of it too", () => {
    const said = "a < b <tool> </think> <think> {}\n<tool_cal";
    expect(readAll(said, text, size)).toEqual({ content: said, thinking: "", calls: [] });
    const mark = "<tool_call>\n";
    expect(readAll(mark, { kind: "text", tools: false }, size).content).toBe(mark);
  });

  it("takes thoughts out of the beginning", () => {
    const said = "\n<think>\nHm <tool_call>.\n</think>\n\nYes. </think>";
    const read = readAll(said, text, size);
    expect(read).toEqual({ content: "\nYes. </think>", thinking: "\nHm <tool_call>.\n", calls: [] });
    expect(readAll("Hm</think>Yes", { kind: "thought", tools: false }, size)).toMatchObject({
      content: "Yes",
      thinking: "Hm",
    });
  });

  it("takes calls out of the text, their marks in strings left alone", () => {
    const tricky = String.raw`{"a": "}\n</tool_call>", "b": {"arguments": ", \"arguments\": "}}`;
    const said = `I look.\n${call("one", tricky)}\n${call("t_2", "{}")}\n`;
    expect(readAll(said, text, size)).toEqual({
      content: "I look.",
      thinking: "",
      calls: [
        { id: "id0", name: "one", arguments: tricky },
        { id: "id1", name: "t_2", arguments: "{}" },
      ],
    });
  });

  it("goes on from where a call was begun for the model, and keeps what was cut off", () => {
    const begun = call("one", "{}").slice("<tool_call>".length);
    expect(readAll(begun, { kind: "call" }, size).calls).toEqual([{ id: "id0", name: "one", arguments: "{}" }]);
    const forced = readAll(' {"a": "}\n</tool_call>', { kind: "arguments", name: "x" }, size);
    expect(forced.calls).toEqual([{ id: "id0", name: "x", arguments: '{"a": "}\n</tool_call>' }]);
  });

  it("keeps what was cut off, and knows whole arguments", () => {
    const said = call("one", '{"a": {"b": 1}}');
    for (let length = said.indexOf('{"a"') + 1; length <= said.length; length++) {
      const { content, calls } = readAll(said.slice(0, length), text, size);
      const written = said.slice(said.indexOf('{"a"'), Math.min(length, said.indexOf("}}}") + 2));
      expect([content, calls[0]?.arguments]).toEqual(["", written]);
    }
  });
});
