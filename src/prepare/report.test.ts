import { describe, expect, test } from "vitest";
import { call } from "../any-provider.ts";
import type { Message } from "../message/parts.ts";
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
