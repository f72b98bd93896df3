import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CostQuery, costOf, loadPrices, type ModelPrices, type PriceSource } from "./cost.ts";
import type { Tokens } from "./tokens.ts";

const source = await loadPrices();
const at = Date.parse("2026-11-23");
const unknown: PriceSource = { find: () => undefined };
const base: CostQuery = { provider: "openai", model: "gpt-4o-mini-2024-07-18", tokens: { input: 0, output: 0 }, at };

function costOfTokens(tokens: Tokens, more: Partial<CostQuery> = {}) {
  return costOf({ ...base, ...more, tokens }, source);
}

function usd(tokens: Tokens, more: Partial<CostQuery> = {}): number | undefined {
  return costOfTokens(tokens, more)?.usd;
}

// checklist: 76
describe("the sum", () => {
  test("counts input and output, and says by which price", () => {
    expect(costOfTokens({ input: 1_000_000, output: 500_000 })).toEqual({
      usd: 0.15 + 0.3,
      inputUsd: 0.15,
      outputUsd: 0.3,
      entry: {
        id: "gpt-4o-mini-2024-07-18",
        provider: "openai",
        name: "gpt 4o mini",
        source: "list",
        read: expect.stringMatching(/^20/),
        lists: ["genai-prices", "litellm"],
        urls: expect.any(Array),
      },
    });
  });

  test("is 0 for no tokens of a known model, undefined for an unknown one", () => {
    expect(usd({ input: 0, output: 0 })).toBe(0);
    expect(usd({ input: 0, output: 0 }, { model: "gpt-6" })).toBeUndefined();
  });

  test("charges cached tokens once, at their own price", () => {
    expect(usd({ input: 1_000_000, output: 0, cacheRead: 400_000 })).toBeCloseTo(0.6 * 0.15 + 0.4 * 0.075, 12);
  });

  test("charges Anthropic's cache writes by how long they live", () => {
    const tokens = { input: 1_000_000, output: 0, cacheRead: 200_000, cacheWrite: 500_000, cacheWrite1h: 100_000 };
    const expected = 0.3 * 1 + 0.2 * 0.1 + 0.4 * 1.25 + 0.1 * 2;
    expect(usd(tokens, { provider: "anthropic", model: "claude-haiku-4-5-20251001" })).toBeCloseTo(expected, 12);
  });

  test("does not add reasoning, which is in the output", () => {
    expect(usd({ input: 0, output: 1_000_000, reasoning: 900_000 })).toBe(0.6);
  });

  test("charges audio at its own price", () => {
    const tokens = { input: 1_000_000, output: 1_000_000, inputAudio: 500_000, outputAudio: 750_000 };
    const expected = 0.5 * 0.6 + 0.5 * 10 + 0.25 * 2.4 + 0.75 * 20;
    expect(usd(tokens, { model: "gpt-audio-mini-2025-12-15" })).toBeCloseTo(expected, 12);
  });

  test("charges the whole request at the tier its input reaches", () => {
    const model = { provider: "gemini", model: "gemini-2.5-pro" };
    expect(usd({ input: 200_000, output: 1000 }, model)).toBeCloseTo(0.2 * 1.25 + 0.001 * 10, 12);
    expect(usd({ input: 200_001, output: 1000 }, model)).toBeCloseTo(0.200001 * 2.5 + 0.001 * 15, 12);
    expect(usd({ input: 200_001, output: 0, cacheRead: 200_000 }, model)).toBeCloseTo(0.000001 * 2.5 + 0.2 * 0.25, 12);
  });

  test("says when the counts are an estimate", () => {
    expect(costOfTokens({ input: 1, output: 1, estimated: true })?.estimated).toBe(true);
    expect(costOfTokens({ input: 1, output: 1 })).not.toHaveProperty("estimated");
  });
});

// checklist: 75
describe("undefined, never a wrong number", () => {
  const bad = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53];
  const fields = [
    "input",
    "output",
    "cacheRead",
    "cacheWrite",
    "cacheWrite1h",
    "reasoning",
    "inputAudio",
    "outputAudio",
    "cacheAudioRead",
  ] as const;

  test.each(fields.flatMap((field) => bad.map((count) => [field, count] as const)))("%s of %d", (field, count) => {
    const prices: ModelPrices = { input: 1, output: 1, cacheRead: 1, cacheWrite: 1, cacheWrite1h: 1 };
    const table = { [base.model]: { ...prices, inputAudio: 1, outputAudio: 1, cacheAudioRead: 1 } };
    const tokens = { input: 10, output: 10, [field]: count };
    expect(usd({ input: 10, output: 10 }, { prices: table })).toBeDefined();
    expect(usd(tokens, { prices: table })).toBeUndefined();
  });

  test.each<[string, Tokens]>([
    ["no input count", { input: undefined, output: 1 }],
    ["no output count", { input: 1, output: undefined }],
    ["more cached than read", { input: 10, output: 1, cacheRead: 11 }],
    ["more cached and written than read", { input: 10, output: 1, cacheRead: 6, cacheWrite: 5 }],
    ["more kept an hour than written", { input: 10, output: 1, cacheWrite: 1, cacheWrite1h: 2 }],
    ["more reasoning than output", { input: 10, output: 1, reasoning: 2 }],
    ["more audio than input", { input: 10, output: 1, inputAudio: 11 }],
    ["more audio than output", { input: 10, output: 1, outputAudio: 2 }],
    ["more cached audio than audio", { input: 10, output: 1, cacheRead: 5, cacheAudioRead: 1 }],
  ])("%s", (_, tokens) => {
    const prices = { input: 1, output: 1, cacheRead: 1, cacheWrite: 1, cacheWrite1h: 1 };
    const table = { [base.model]: { ...prices, inputAudio: 1, outputAudio: 1, cacheAudioRead: 1 } };
    expect(usd(tokens, { prices: table })).toBeUndefined();
  });

  test("a kind of token the entry has no price for", () => {
    const model = { model: "gpt-4o-audio-preview" };
    expect(usd({ input: 100, output: 10 }, model)).toBeGreaterThan(0);
    expect(usd({ input: 100, output: 10, inputAudio: 0, outputAudio: 0 }, model)).toBeGreaterThan(0);
    expect(usd({ input: 100, output: 10, inputAudio: 1 }, model)).toBeUndefined();
    expect(usd({ input: 100, output: 10, outputAudio: 1 }, model)).toBeUndefined();
    expect(usd({ input: 100, output: 10, cacheWrite: 1 })).toBeUndefined();
  });

  test("a free entry of the list, whose conditions nobody knows", () => {
    expect(usd({ input: 1, output: 1 }, { provider: "gemini", model: "gemma-3-27b-it" })).toBeUndefined();
  });

  test("a tier that is not billed at list price, or no time", () => {
    const tokens = { input: 10, output: 10 };
    for (const serviceTier of ["scale", "reserved", "latency-optimized", "PROVISIONED_THROUGHPUT"]) {
      expect(usd(tokens, { serviceTier })).toBeUndefined();
    }
    for (const serviceTier of ["default", "standard", "ON_DEMAND", undefined]) {
      expect(usd(tokens, { serviceTier })).toBeDefined();
    }
    for (const noTime of [Number.NaN, Number.POSITIVE_INFINITY]) expect(usd(tokens, { at: noTime })).toBeUndefined();
  });

  test("a provider without prices", () => {
    expect(costOf({ ...base, tokens: { input: 1, output: 1 } }, unknown).usd).toBeUndefined();
  });
});

// checklist: 75
describe("the caller's own prices", () => {
  const tokens = { input: 1_000_000, output: 1_000_000 };

  test("win over the list, by the echoed name, then by the requested one", () => {
    const prices = { "gpt-4o-mini-2024-07-18": { input: 1, output: 2 }, deployment: { input: 3, output: 4 } };
    expect(costOfTokens(tokens, { prices, requestedModel: "deployment", serviceTier: "flex" })).toEqual({
      usd: 3,
      inputUsd: 1,
      outputUsd: 2,
      entry: { id: "gpt-4o-mini-2024-07-18", provider: "openai", source: "table" },
    });
    expect(usd(tokens, { prices, model: "gpt-6", requestedModel: "deployment" })).toBe(7);
    expect(usd(tokens, { prices, model: "gpt-4o" })).toBe(12.5);
  });

  test("are own properties only", () => {
    for (const model of ["toString", "constructor", "__proto__"]) {
      expect(usd(tokens, { prices: {}, model })).toBeUndefined();
    }
    const inheritedTable: CostQuery["prices"] = Object.create({ [base.model]: { input: 1, output: 1 } });
    expect(usd(tokens, { prices: inheritedTable })).toBe(0.75);
    const inherited: ModelPrices = Object.create({ input: 1, output: 1 });
    expect(usd(tokens, { prices: { [base.model]: inherited } })).toBeUndefined();
  });

  test("may be 0, and must be prices", () => {
    expect(usd(tokens, { prices: { [base.model]: { input: 0, output: 0 } } })).toBe(0);
    for (const input of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(usd(tokens, { prices: { [base.model]: { input, output: 1 } } })).toBeUndefined();
    }
  });
});

const rated = ["input", "cacheRead", "cacheWrite", "cacheWrite1h", "inputAudio", "cacheAudioRead"] as const;

test("is the sum of its parts, whatever they are", () => {
  const count = fc.integer({ min: 0, max: 300_000 });
  fc.assert(
    fc.property(fc.array(count, { minLength: 8, maxLength: 8 }), ([output = 0, outputAudio = 0, ...counts]) => {
      const rates = { input: 2, cacheRead: 3, cacheWrite: 5, cacheWrite1h: 7, inputAudio: 11, cacheAudioRead: 13 };
      const part = Object.fromEntries(rated.map((kind, i) => [kind, counts[i] ?? 0])) as Record<string, number>;
      const { input = 0, cacheRead = 0, cacheWrite = 0, cacheWrite1h = 0, inputAudio = 0, cacheAudioRead = 0 } = part;
      const tokens: Tokens = {
        input: input + cacheRead + cacheWrite + cacheWrite1h + inputAudio + cacheAudioRead,
        output: output + outputAudio,
        cacheRead: cacheRead + cacheAudioRead,
        cacheWrite: cacheWrite + cacheWrite1h,
        cacheWrite1h,
        inputAudio: inputAudio + cacheAudioRead,
        outputAudio,
        cacheAudioRead,
      };
      const prices = { [base.model]: { ...rates, output: 17, outputAudio: 19 } };
      const expected = rated.reduce(
        (usd, kind) => usd + (part[kind] ?? 0) * rates[kind],
        output * 17 + outputAudio * 19,
      );
      expect(usd(tokens, { prices })).toBeCloseTo(expected / 1e6, 9);
    }),
    { numRuns: 1000 },
  );
});
