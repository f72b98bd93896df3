import { encode } from "gpt-tokenizer";
import { describe, expect, test } from "vitest";
import { call } from "../any-provider.ts";
import { image } from "../message/media.ts";
import { Messages } from "../message/message.ts";
import type { Message } from "../message/parts.ts";
import { anthropic } from "../providers/anthropic/index.ts";
import { openai } from "../providers/openai/index.ts";

describe("what prepare tells", () => {
  test("tokens, the range of the cost, and what goes by another name", async () => {
    const text = "word ".repeat(400);
    const prepared = await call(
      "openai/gpt-4o-mini",
      { callParams: { maxTokens: 1000, seed: 1 } },
      () => text,
    ).prepare();
    expect(prepared.estimatedInputTokens).toBeGreaterThan(400);
    expect(prepared.estimatedInputTokens).toBeLessThan(700);
    const { least = 0, most = 0 } = prepared.estimatedCost;
    expect(least).toBeCloseTo((prepared.estimatedInputTokens * 0.15) / 1e6, 10);
    expect(most - least).toBeCloseTo((1000 * 0.6) / 1e6, 10);
    expect(prepared.changes).toEqual(["The parameter maxTokens is sent as max_completion_tokens."]);
    expect(JSON.parse(JSON.stringify(prepared))).toMatchObject({ estimatedInputTokens: prepared.estimatedInputTokens });
  });

  test("[E11] a long word is text, whatever its script; a picture is what its provider says", async () => {
    const chinese = "图书馆九点开门，可是那位老人总是来得更早。\n".repeat(1000);
    const json = JSON.stringify(Array.from({ length: 2000 }, (_, id) => ({ id, tags: ["a", "b"] })));
    for (const text of [chinese, json]) {
      const { estimatedInputTokens } = await openai.call("gpt-4o-mini", () => text).prepare();
      const real = encode(text).length;
      expect(Math.abs(estimatedInputTokens / real - 1)).toBeLessThan(1 / 3);
      const native = openai.call("gpt-4o-mini", () => ({ messages: [{ role: "developer", content: text }] }));
      expect(Math.abs((await native.prepare()).estimatedInputTokens / real - 1)).toBeLessThan(1 / 3);
    }
    const picture = image("https://example.com/a.png");
    const told = { openai: 765, anthropic: 1600, vertex: 258 };
    for (const [provider, tokens] of Object.entries(told)) {
      const prepared = await call(`${provider}/m` as "openai/gpt-4o", () => [Messages.user([picture])]).prepare();
      expect(prepared.estimatedInputTokens - tokens, provider).toBeLessThan(10);
    }
  });

  test("each provider's own names, and the limit with all its choices", async () => {
    const callParams = { maxTokens: 100, temperature: 0.5, topP: 0.5, stop: "END" };
    const changes = async (model: string) =>
      (await call(model as "openai/gpt-4o", { callParams }, () => "Hi").prepare()).changes;
    expect(await changes("anthropic/m")).toEqual([
      "The parameter maxTokens is sent as max_tokens.",
      "The parameter topP is sent as top_p.",
      "The parameter stop is sent as stop_sequences.",
    ]);
    expect(await changes("gemini/m")).toContain("The parameter maxTokens is sent as config.maxOutputTokens.");
    expect(await changes("bedrock/m")).toContain("The parameter stop is sent as inferenceConfig.stopSequences.");
    expect(await changes("cohere/m")).toContain("The parameter topP is sent as p.");
    const several = await openai.call("gpt-4o-mini", { callParams: { n: 3, max_tokens: 100 } }, () => "Hi").prepare();
    expect(several.answerLimit).toBe(300);
    expect((await anthropic.call("claude-haiku-4-5", () => "Hi").prepare()).answerLimit).toBe(8192);
  });

  test("no upper bound where the request has none, no price where none is certain", async () => {
    const bounded = await openai.call("gpt-4o-mini", () => "Hi").prepare();
    expect(bounded.estimatedCost.most).toBeUndefined();
    const unknown = await openai.call("house-model", () => "Hi").prepare();
    expect(unknown.estimatedCost).toEqual({ least: undefined, most: undefined });
    const priced = openai.call("house-model", () => "Hi").with({ prices: { "house-model": { input: 1, output: 1 } } });
    expect((await priced.prepare()).estimatedCost.least).toBeGreaterThan(0);
  });

  test("what becomes of turns from elsewhere", async () => {
    const turn: Message = {
      role: "assistant",
      content: [
        { type: "thinking", text: "Hm." },
        { type: "tool_call", id: `toolu_${"0".repeat(40)}`, name: "add", arguments: "{}" },
      ],
      native: { provider: "elsewhere", message: {} },
    };
    const history: Message[] = [{ role: "user", content: "Hi" }, turn, { role: "user", content: "Well?" }];
    const prepared = await openai.call("gpt-4o-mini", () => ({ messages: history })).prepare();
    expect(prepared.changes).toEqual([
      "Thoughts that this provider did not have itself are left out: 1.",
      "Ids of tool calls are replaced by ones that fit: 1.",
      "Tool calls without a result are closed by one that says so: 1.",
    ]);
    expect(prepared.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user"]);
  });

  test("the structured mode chosen", async () => {
    const prepared = await openai.call("m", { jsonMode: true }, () => "Hi").prepare();
    expect(prepared.output).toMatchObject({ mode: "json" });
  });
});
