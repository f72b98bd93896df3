import { describe, expect, test } from "vitest";
import { status } from "../../../test/support/fault-server.ts";
import { answer, asked, serve, usageMetadata } from "../../../test/support/gemini-server.ts";
import { gemini } from "./index.ts";

describe("answers", () => {
  async function read(body: object) {
    await using api = await serve(status(200, body));
    return await gemini.call(asked, { client: api.client }, () => "Hi")();
  }
  const ended = (candidate: object, more: object = {}) => ({ ...answer(), candidates: [candidate], ...more });

  test("a blocked prompt has no answer, and says so", async () => {
    const response = await read({ promptFeedback: { blockReason: "SAFETY" }, modelVersion: asked });
    expect(response).toMatchObject({
      content: "",
      finishReasons: undefined,
      stopReason: "content_filter",
      usage: undefined,
    });
    expect([response.cost, response.inputTokens, response.id]).toEqual([undefined, undefined, undefined]);
    expect(response.messageParam).toEqual({ role: "model", parts: [] });
  });

  // checklist: 69
  test("candidates can lack content, parts and counts", async () => {
    const empty = await read(
      ended({ finishReason: "SAFETY" }, { usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 } }),
    );
    expect(empty).toMatchObject({ content: "", stopReason: "content_filter", inputTokens: 4, outputTokens: 0 });
    const thought = await read(
      ended(
        { content: { role: "model" }, finishReason: "MAX_TOKENS" },
        { usageMetadata: { promptTokenCount: 4, thoughtsTokenCount: 6, totalTokenCount: 10 } },
      ),
    );
    expect(thought).toMatchObject({ content: "", stopReason: "length", outputTokens: 6, tokens: { reasoning: 6 } });
    const untold = await read(ended({ finishReason: "NEW_REASON" }, { usageMetadata: { trafficType: "ON_DEMAND" } }));
    expect(untold).toMatchObject({ finishReasons: ["NEW_REASON"], stopReason: "other", inputTokens: undefined });
  });

  test("thoughts, several candidates, unknown parts", async () => {
    const parts = [
      { text: "Let me think.", thought: true, thoughtSignature: "c2ln" },
      { text: "One", thoughtSignature: "c2lu" },
      { somethingNew: { x: 1 } },
      { text: " and two" },
    ];
    const response = await read({
      ...answer(),
      candidates: [
        { content: { role: "model", parts }, finishReason: "STOP", index: 0 },
        { content: { role: "model", parts: [{ text: "Other" }] }, finishReason: "MAX_TOKENS", index: 1 },
      ],
    });
    expect(response).toMatchObject({
      content: "One and two",
      thinking: "Let me think.",
      finishReasons: ["STOP", "MAX_TOKENS"],
    });
    expect(response.message.content).toContainEqual({ type: "thinking", text: "Let me think.", signature: "c2ln" });
    expect(response.messageParam).toEqual({ role: "model", parts });
    expect(JSON.parse(JSON.stringify(response))).toMatchObject({ content: "One and two", provider: "gemini" });
  });

  // checklist: 74
  test("tokens are totals: cached ones inside, thoughts and tool results added", async () => {
    const counts = {
      ...{ promptTokenCount: 100, cachedContentTokenCount: 40, toolUsePromptTokenCount: 20, candidatesTokenCount: 7 },
      ...{ thoughtsTokenCount: 3, totalTokenCount: 130 },
    };
    const response = await read(answer([{ text: "x" }], { usageMetadata: counts }));
    expect(response.tokens).toEqual({ input: 120, output: 10, cacheRead: 40, reasoning: 3 });
    expect(response.cost).toBeCloseTo((80 * 0.3 + 40 * 0.03 + 10 * 2.5) / 1e6, 12);
    const heard = await read(
      answer([{ text: "x" }], {
        usageMetadata: {
          ...{ promptTokenCount: 100, candidatesTokenCount: 5, totalTokenCount: 105 },
          promptTokensDetails: [
            { modality: "TEXT", tokenCount: 30 },
            { modality: "AUDIO", tokenCount: 70 },
          ],
        },
      }),
    );
    expect(heard.tokens).toEqual({ input: 100, output: 5, inputAudio: 70 });
    expect(heard.cost).toBeCloseTo((30 * 0.3 + 70 * 1 + 5 * 2.5) / 1e6, 12);
    const tiers = { standard: true, flex: true, priority: true, scale: false };
    for (const [serviceTier, known] of Object.entries(tiers)) {
      const { cost } = await read(answer([{ text: "x" }], { usageMetadata: { ...usageMetadata, serviceTier } }));
      expect(cost !== undefined, serviceTier).toBe(known);
    }
  });

  test("sound comes as bytes", async () => {
    const piece = (text: string) => ({
      inlineData: { mimeType: "audio/L16;rate=24000", data: Buffer.from(text).toString("base64") },
    });
    const response = await read(answer([piece("ab"), piece("c"), { text: "Hi" }]));
    expect(Buffer.from(response.audio ?? []).toString()).toBe("abc");
    expect((await read(answer())).audio).toBeUndefined();
  });
});

test("usage of nothing but zeros is no usage: a cost of 0 would be wrong", async () => {
  const zeros = { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 };
  const { geminiTokens } = await import("../../dialects/gemini-read.ts");
  expect(geminiTokens(zeros)).toEqual({ input: undefined, output: undefined });
  expect(geminiTokens({ promptTokenCount: 3 })).toMatchObject({ input: 3 });
});
