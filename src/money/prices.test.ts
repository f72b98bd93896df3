import { describe, expect, test, vi } from "vitest";
import { type Cost, costOf, loadPrices, type PriceSource, readPrices } from "./cost.ts";
import type { PriceFile } from "./price-file.ts";
import type { Tokens } from "./tokens.ts";

const source = await loadPrices();
const at = Date.parse("2026-11-28");
const million: Tokens = { input: 1_000_000, output: 1_000_000 };

function cost(provider: string, model: string, tokens = million, more: object = {}): Cost {
  return costOf({ provider, model, tokens, at, ...more }, source);
}

function id(provider: string, model: string, from: PriceSource = source): string | undefined {
  const found = from.find(provider, model, at);
  return found !== undefined && "entry" in found ? found.entry.id : undefined;
}

// checklist: 75
describe("the entry found", () => {
  test.each([
    ["openai", "gpt-4o-mini-2024-07-18", "gpt-4o-mini-2024-07-18"],
    ["openai", "gpt-4o-mini", "gpt-4o-mini"],
    ["openai", "ft:gpt-4o-mini-2024-07-18:acme::abc", "ft:gpt-4o-mini-2024-07-18"],
    ["anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5-20251001"],
    ["anthropic", "claude-haiku-4-5-20991001", "claude-haiku-4-5"],
    ["bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "us.anthropic.claude-haiku-4-5-20251001-v1:0"],
    [
      "bedrock",
      "arn:aws:bedrock:us-west-2:000000000000:inference-profile/us.amazon.nova-lite-v1:0",
      "us.amazon.nova-lite-v1:0",
    ],
    ["gemini", "models/gemini-2.5-flash", "gemini-2.5-flash"],
    ["vertex", "publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"],
    ["mistral", "mistral-large-2512", "mistral-large-2512"],
    ["groq", "openai/gpt-oss-20b", "openai/gpt-oss-20b"],
    ["cohere", "command-r7b-12-2024", "command-r7b-12-2024"],
    ["azure", "gpt-4o-2024-08-06", "gpt-4o-2024-08-06"],
    ["azure", "Phi-4", "phi-4"],
  ])("%s %s: %s", (provider, model, expected) => {
    expect(id(provider, model)).toBe(expected);
    expect(cost(provider, model, { input: 10, output: 10 }).usd).toBeGreaterThan(0);
  });

  test.each([
    ["openai", "toString"],
    ["openai", ""],
    ["openai", "/"],
    ["anthropic", "claude-sonnet-5-9"],
    ["anthropic", "claude-opus-4-7-fast"],
    ["bedrock", "us.anthropic.claude-sonnet-5-9-v1:0"],
    ["bedrock", "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"],
    ["gemini", "custom-gemini-2.0-flash"],
    ["azure", "my-o4-mini-deployment"],
    ["litellm", "gpt-4"],
    ["local", "llama-3.1-8b"],
    ["__proto__", "gpt-4o"],
  ])("%s %s: none, with a reason", (provider, model) => {
    const { usd, reason } = cost(provider, model);
    expect(usd).toBeUndefined();
    expect(reason).toMatch(/^[A-Z].+\.$/s);
  });

  test("a model sold by pictures too has no price in tokens", () => {
    expect(cost("gemini", "gemini-2.5-flash-image").usd).toBeUndefined();
  });
});

describe("[H1] the list is as new as the newest public one", () => {
  test.each([
    ["openai", "gpt-6.1-sol"],
    ["anthropic", "claude-opus-5-5"],
    ["azure", "Phi-4-reasoning"],
    ["bedrock", "global.anthropic.claude-sonnet-5-5"],
    ["vertex", "claude-opus-4-6"],
  ])("%s %s", (provider, model) => {
    expect(cost(provider, model, { input: 300_000, output: 1 }).usd).toBeGreaterThan(0);
  });

  test("every entry is dated and names where it comes from", () => {
    const { entry } = cost("openai", "gpt-5.5");
    expect(entry?.read).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(entry?.lists).toEqual(["genai-prices", "litellm"]);
    expect(entry?.urls?.every((url) => url.startsWith("https://"))).toBe(true);
  });
});

describe("[H2] where the lists differ", () => {
  test.each([
    ["anthropic", "claude-sonnet-4-5-20250929", 200_001],
    ["bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", 200_001],
    ["bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0", 200_001],
    ["mistral", "magistral-medium-latest", 1000],
  ])("%s %s has no cost for %d tokens, and says why", (provider, model, input) => {
    const found = cost(provider, model, { input, output: 1 });
    expect(found).toMatchObject({ usd: undefined, entry: { id: model } });
    expect(found.reason).toMatch(/^The price lists differ on input, USD .+ \(genai-prices\), .+ \(litellm\)\.$/);
  });

  test("what they agree on beside it is priced", () => {
    expect(cost("anthropic", "claude-sonnet-4-5-20250929", { input: 200_000, output: 0 }).usd).toBeCloseTo(0.6, 12);
  });
});

describe("[H3] a model has the price of who sells it", () => {
  test("an open-weight model costs what its host asks, or nothing is known", () => {
    expect(cost("openai", "gpt-oss-120b").usd).toBeUndefined();
    expect(cost("azure", "gpt-oss-120b").usd).toBeCloseTo(0.75, 12);
    expect(cost("groq", "openai/gpt-oss-120b").usd).toBeCloseTo(0.75, 12);
  });

  test("Azure's grok-3-mini costs what Azure asks, not xAI", () => {
    expect(cost("azure", "grok-3-mini")).toMatchObject({ usd: 0.25 + 1.27, entry: { lists: ["litellm"] } });
  });
});

describe("[H4] regions", () => {
  test.each([
    ["eu.amazon.nova-lite-v1:0", 0.078],
    ["apac.amazon.nova-lite-v1:0", 0.063],
    ["us.amazon.nova-lite-v1:0", 0.06],
    ["jp.amazon.nova-lite-v1:0", undefined],
    ["us-gov.amazon.nova-lite-v1:0", undefined],
    ["us-gov.anthropic.claude-opus-4-6-v1", undefined],
  ])("%s: %s", (model, usd) => {
    expect(cost("bedrock", model, { input: 1_000_000, output: 0 }).usd).toBe(usd);
  });

  test("Anthropic's surcharge for answers computed in the USA", () => {
    const one = (region?: string) => cost("anthropic", "claude-opus-4-6", { input: 1_000_000, output: 0 }, { region });
    expect(one("us").usd).toBeCloseTo(5.5, 12);
    expect(one("us").note).toContain("litellm");
    for (const region of ["global", "not_available", undefined]) expect(one(region).usd).toBe(5);
    expect(one("eu")).toMatchObject({ usd: undefined, reason: expect.stringContaining('"eu"') });
  });
});

describe("[H5] what both lists know is priced", () => {
  test.each(["us", "eu", "au", "global"])("%s.anthropic.claude-opus-4-6-v1", (region) => {
    const found = cost("bedrock", `${region}.anthropic.claude-opus-4-6-v1`);
    expect(found.usd).toBeCloseTo(region === "global" ? 30 : 33, 10);
    expect(found.entry?.lists).toHaveLength(2);
  });

  test("one-hour cache writes on Bedrock and Vertex", () => {
    const tokens = { input: 1_000_000, output: 0, cacheWrite: 1_000_000, cacheWrite1h: 1_000_000 };
    expect(cost("bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", tokens).usd).toBeCloseTo(2.2, 10);
    expect(cost("vertex", "claude-opus-4-6@default", tokens).usd).toBeCloseTo(10, 10);
  });

  test("sound to Gemini 2.5 Pro costs what text does, to Flash it has a price of its own", () => {
    const tokens = { input: 1_000_000, output: 0, inputAudio: 1_000_000 };
    expect(cost("gemini", "gemini-2.5-pro", { ...tokens, input: 100_000, inputAudio: 100_000 }).usd).toBeCloseTo(
      0.125,
      12,
    );
    expect(cost("gemini", "gemini-2.5-flash", tokens).usd).toBeCloseTo(1, 12);
  });

  test.each([
    ["flex", 2.5 + 15],
    ["priority", 12.5 + 75],
    ["batch", 2.5 + 15],
    ["default", 5 + 30],
    ["DEFAULT", 5 + 30],
  ])("gpt-5.5 at the tier %s", (serviceTier, usd) => {
    const tokens = { input: 100_000, output: 100_000 };
    expect(cost("openai", "gpt-5.5", tokens, { serviceTier }).usd).toBeCloseTo(usd / 10, 10);
  });

  test("mistral-small-latest, Google's words for a tier, a tier that nobody prices", () => {
    expect(cost("mistral", "mistral-small-latest").usd).toBeCloseTo(0.75, 12);
    const tokens = { input: 100_000, output: 0 };
    expect(cost("gemini", "gemini-2.5-pro", tokens, { serviceTier: "ON_DEMAND_PRIORITY" }).usd).toBeCloseTo(0.225, 12);
    expect(cost("gemini", "gemini-2.5-pro", tokens, { serviceTier: "PROVISIONED_THROUGHPUT" }).usd).toBeUndefined();
    for (const serviceTier of ["scale", "toString", "__proto__"]) {
      expect(cost("openai", "gpt-5.5", tokens, { serviceTier }).reason).toContain(serviceTier.toLowerCase());
    }
  });
});

test("[H6] a request of exactly 272,000 tokens is one of the lower tier", () => {
  expect(cost("openai", "gpt-5.5", { input: 272_000, output: 0 }).usd).toBeCloseTo(1.36, 12);
  expect(cost("openai", "gpt-5.5", { input: 272_001, output: 0 }).usd).toBeCloseTo(2.72001, 12);
});

test("what stands in one list alone is priced, and says so", () => {
  const found = cost("bedrock", "eu.amazon.nova-lite-v1:0", { input: 1_000_000, output: 0 });
  expect(found).toMatchObject({ usd: 0.078, note: "These prices stand in one public list alone: input (litellm)." });
});

test("prices are those in effect at the time", () => {
  const tokens = { input: 1_000_000, output: 0 };
  const before = costOf({ provider: "openai", model: "o3", tokens, at: Date.parse("2025-06-09T23:59:59Z") }, source);
  const after = costOf({ provider: "openai", model: "o3", tokens, at: Date.parse("2025-06-10") }, source);
  expect([before.usd, after.usd]).toEqual([10, 2]);
  expect(after.entry?.since).toBe("2025-06-10");
});

test("what is known of a model beside its prices", () => {
  const facts = source.about?.("anthropic", "claude-sonnet-4-5");
  expect(facts).toMatchObject({ contextTokens: 200_000, outputTokens: 64_000, retires: "2026-11-30" });
  expect(source.about?.("anthropic", "claude-9")).toBeUndefined();
});

test("more names than are remembered lose nothing", () => {
  for (let i = 0; i < 2000; i += 1) expect(id("openai", `unknown-${i}x`)).toBeUndefined();
  expect(id("openai", "gpt-4o")).toBe("gpt-4o");
});

describe("a newer file", () => {
  const file: PriceFile = {
    format: "callscope/prices",
    version: 1,
    read: "2027-01-01",
    lists: {},
    sources: [],
    models: { openai: [{ n: ["gpt-9"], r: { input: [1, 1000, "2|4"], output: "g:3" } }] },
  };

  test("takes the place of the list, without a word to anybody else", () => {
    const prices = readPrices(file);
    const query = { provider: "openai", model: "gpt-9", at };
    const found = costOf({ ...query, tokens: { input: 1000, output: 1 }, prices }, source);
    expect(found).toMatchObject({
      usd: 0.001003,
      entry: { read: "2027-01-01" },
      note: expect.stringContaining("output"),
    });
    expect(costOf({ ...query, tokens: { input: 1001, output: 1 }, prices }, source).reason).toContain(
      "differ on input",
    );
    expect(cost("openai", "gpt-9").usd).toBeUndefined();
    expect(costOf({ ...query, model: "gpt-4o", tokens: million, prices }, source).usd).toBeUndefined();
  });

  test.each([undefined, null, "", {}, [], { ...file, version: 2 }])("that is %j is refused", (value) => {
    expect(() => readPrices(value)).toThrow(TypeError);
  });
});

test("without its data every price is unknown", async () => {
  vi.resetModules();
  vi.doMock("./price-data.ts", () => {
    throw new Error("Cannot find module");
  });
  const { loadPrices: load } = await import("./prices.ts");
  expect((await load()).find("openai", "gpt-4o", at)).toBeUndefined();
  vi.doUnmock("./price-data.ts");
});
