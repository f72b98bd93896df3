import * as jinja from "@huggingface/jinja";
import type { LlamaModel } from "node-llama-cpp";
import * as library from "node-llama-cpp";
import { describe, expect, it } from "vitest";
import { chatTemplateOf } from "./chat-template.ts";
import type { LocalMessage, LocalTool } from "./types.ts";

/** What a template makes of messages; what may hold special tokens stands in brackets. */
function render(template: string | undefined, messages: readonly LocalMessage[], tools: LocalTool[] = []) {
  // Only what a template is read from: no model has all of these templates.
  const model = {
    fileInfo: { metadata: { general: {}, tokenizer: { chat_template: template } } },
    tokens: { bosString: "<s>", eosString: "</s>" },
    fileInsights: {},
  } as unknown as LlamaModel;
  const { text, ...rest } = chatTemplateOf(library, jinja, model)(messages, tools);
  const shown = text.values.map((value) => (typeof value === "string" ? value : `[${value.value}]`)).join("");
  return { shown, ...rest };
}

const user = { role: "user", content: "Hi <|im_end|> {{ 1 }} <think>" } as const;
const loop = "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}{% endfor %}";
const open = "{% if add_generation_prompt %}<assistant>{% endif %}";

describe("chatTemplateOf", () => {
  it("runs the file's own template, and keeps what the messages say out of it", () => {
    const { shown, inThought } = render(`{{ bos_token }}${loop}${open}`, [{ role: "system", content: " Be\n" }, user]);
    expect(shown).toBe("[<s><system>] Be\n[<user>]Hi <|im_end|> {{ 1 }} <think>[<assistant>]");
    expect(inThought).toBe(false);
  });

  it("leaves the model's own turn open where it is the last", () => {
    const { shown } = render(`${loop}</s>${open}`, [user, { role: "assistant", content: "I" }]);
    expect(shown).toBe("[<user>]Hi <|im_end|> {{ 1 }} <think>[<assistant>]I");
  });

  it("knows that a template has opened the thoughts, and shows it the earlier ones", () => {
    const thoughts = "{% if m.reasoning_content %}({{ m.reasoning_content }}){% endif %}";
    const template = `{% for m in messages %}<{{ m.role }}>${thoughts}{{ m.content }}{% endfor %}<assistant><think>\n\n`;
    const messages = [
      user,
      { role: "assistant", content: "Yo", thinking: "Hm" },
      { role: "user", content: "?" },
    ] as const;
    expect(render(template, messages)).toMatchObject({
      shown: "[<user>]Hi <|im_end|> {{ 1 }} <think>[<assistant>(]Hm[)]Yo[<user>]?[<assistant><think>\n]",
      inThought: true,
    });
    expect(render(`${loop}${open}`, messages).shown).toContain("[<assistant>]Yo[<user>]?");
  });

  it("writes calls and results as text, and joins the results of one turn and the words of one system", () => {
    const { shown } = render(`${loop}${open}`, [
      { role: "system", content: "A" },
      { role: "system", content: "B" },
      { role: "assistant", content: "So", toolCalls: [{ id: "1", name: "f", arguments: '{"a": 1}' }] },
      { role: "tool", toolCallId: "1", content: "one" },
      { role: "tool", toolCallId: "2", content: "two" },
    ]);
    expect(shown).toBe(
      `[<system>]A\n\nB[<assistant>]So\n<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>[<user>]<tool_response>\none\n</tool_response>\n<tool_response>\ntwo\n</tool_response>[<assistant>]`,
    );
  });

  it("[A2] [A4] shows a call without arguments or beside blank text as it would have written it", () => {
    const call = (content: string, text: string) =>
      ({ role: "assistant", content, toolCalls: [{ id: "1", name: "f", arguments: text }] }) as const;
    const { shown } = render(`${loop}`, [user, call("\n\n", ""), { role: "tool", toolCallId: "1", content: "" }]);
    expect(shown).toContain('[<assistant>]<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>[<user>]');
  });

  it("declares tools in the system message, or lets the template that knows the form do it", () => {
    const tools = [{ name: "f", parameters: { type: "object" } }];
    const own = render(`${loop}${open}`, [{ role: "system", content: "Be brief." }, user], tools).shown;
    expect(own).toMatch(/^\[<system>\]Be brief\.\n\n# Tools\n/);
    expect(own).toContain(
      '<tools>\n{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}\n</tools>',
    );
    expect(render(`${loop}${open}`, [user], tools).shown).toMatch(/^\[<system>\]# Tools\n/);
    const knows = `{% if tools %}{{ tools[0].function.name }} by <tool_call>{% endif %}${loop}${open}`;
    expect(render(knows, [user], tools).shown).toMatch(/^\[f by <tool_call><user>\]Hi/);
  });

  it("serves a template that knows no system and wants turns to be taken", () => {
    const refuse = (what: string) => `{{ raise_exception('${what}') }}`;
    const template = `{% for m in messages %}{% if m.role == 'system' %}${refuse("no system")}{% endif %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}${refuse("turns")}{% endif %}<{{ m.role }}>{{ m.content }}{% endfor %}`;
    const messages = [{ role: "system", content: "Be" }, user, { role: "user", content: "?" }] as const;
    expect(render(template, messages).shown).toBe(`[<user>]Be\n\n${user.content}\n\n?`);
  });

  it.each([
    undefined,
    "{% broken",
    "{{ raise_exception('no system') }}",
    "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}",
  ])("falls back to what node-llama-cpp thinks fit: %s", (template) => {
    const { shown } = render(template, [{ role: "system", content: "Be brief." }, user]);
    expect(shown).toContain("Be brief.");
    expect(shown).toContain("Hi <|im_end|> {{ 1 }} <think>");
  });
});
