import { findProvider, type Provider, updatePrices } from "@pydantic/genai-prices";
import { describe, expect, test, vi } from "vitest";
import { loadPrices, type PriceSource } from "./prices.ts";

const source = await loadPrices();
const at = Date.parse("2026-11-23");

function found(provider: string, model: string, from: PriceSource = source, when = at): string | undefined {
  const entry = from.find(provider, model, when)?.entry;
  return entry && `${entry.provider}:${entry.id}`;
}

// checklist: 75
describe("the entry found", () => {
  test.each([
    ["openai", "gpt-4o-mini-2024-07-18", "openai:gpt-4o-mini"],
    ["openai", "gpt-4o-2024-05-13", "openai:gpt-4o-2024-05-13"],
    ["openai", "gpt-5.6-sol", "openai:gpt-5.6-sol"],
    ["openai", "gpt-4o-audio-preview-2025-06-03", "openai:gpt-4o-audio-preview"],
    ["openai", "ft:gpt-4o-mini-2024-07-18:acme::abc", "openai:ft:gpt-4o-mini"],
    ["anthropic", "claude-haiku-4-5-20251001", "anthropic:claude-haiku-4-5"],
    ["anthropic", "claude-sonnet-5", "anthropic:claude-sonnet-5"],
    ["aws", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "aws:regional.anthropic.claude-haiku-4-5-20251001-v1:0"],
    ["aws", "global.anthropic.claude-haiku-4-5-20251001-v1:0", "aws:global.anthropic.claude-haiku-4-5-20251001-v1:0"],
    [
      "aws",
      "arn:aws:bedrock:us-west-2:000000000000:inference-profile/us.amazon.nova-lite-v1:0",
      "aws:amazon.nova-lite-v1:0",
    ],
    ["aws", "us.anthropic.claude-sonnet-4-6", "aws:regional.anthropic.claude-sonnet-4-6-v1:0"],
    ["google", "models/gemini-2.5-flash", "google:gemini-2.5-flash"],
    ["google", "gemini-2.5-flash-preview-09-2025", "google:gemini-2.5-flash"],
    ["google", "claude-haiku-4-5@20251001", "anthropic:claude-haiku-4-5"],
    ["google", "claude-opus-4-1@20250805", "google:claude-4-opus"],
    ["mistral", "mistral-large-2512", "mistral:mistral-large-2512"],
    ["mistral", "magistral-medium-2509", "mistral:magistral-medium"],
    ["mistral", "mistral-medium-latest", "mistral:mistral-medium-latest"],
    ["mistral", "codestral-latest", "mistral:codestral"],
    ["groq", "openai/gpt-oss-20b", "groq:openai/gpt-oss-20b"],
    ["cohere", "command-r7b-12-2024", "cohere:command-r7b"],
    ["azure", "gpt-4o-2024-08-06", "openai:gpt-4o"],
    ["azure", "grok-4-1-fast-non-reasoning", "x-ai:grok-4-1-fast-non-reasoning"],
    ["gemini", "gemini-2.5-pro", "google:gemini-2.5-pro"],
    ["vertex", "gemini-2.5-pro", "google:gemini-2.5-pro"],
    ["bedrock", "amazon.nova-lite-v1:0", "aws:amazon.nova-lite-v1:0"],
    ["litellm", "openai/gpt-4o-mini", "openai:gpt-4o-mini"],
    ["litellm", "vertex_ai/gemini-2.5-pro", "google:gemini-2.5-pro"],
  ])("%s %s: %s", (provider, model, expected) => {
    expect(found(provider, model)).toBe(expected);
  });

  test.each([
    ["openai", "gpt-6"],
    ["openai", "toString"],
    ["openai", ""],
    ["openai", "/"],
    ["anthropic", "claude-sonnet-5-9"],
    ["anthropic", "claude-opus-4-7-fast"],
    ["aws", "us.anthropic.claude-sonnet-5-9-v1:0"],
    ["aws", "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"],
    ["google", "gemini-1.5-flash-8b"],
    ["google", "gemini-3.6-flash-lite"],
    ["google", "custom-gemini-2.0-flash"],
    ["mistral", "mistral-small-2506"],
    ["azure", "my-o4-mini-deployment"],
    ["azure", "DeepSeek-V3.2"],
    ["litellm", "gpt-4"],
    ["local", "llama-3.1-8b"],
  ])("%s %s: none", (provider, model) => {
    expect(found(provider, model)).toBeUndefined();
  });

  test("an alias is not taken where the list has a newer snapshot at another price", () => {
    expect(found("mistral", "mistral-large-2411")).toBe("mistral:mistral-large");
    expect(found("mistral", "mistral-large-latest")).toBeUndefined();
    expect(found("mistral", "mistral-small-latest")).toBeUndefined();
  });

  test("an alias for another parameter count is not taken", () => {
    expect(found("groq", "openai/gpt-oss-safeguard-20b")).toBeUndefined();
  });

  test("a model sold by images too has no price in tokens", () => {
    expect(found("google", "gemini-2.5-flash-image")).toBeUndefined();
    expect(found("openai", "gpt-image-1")).toBeUndefined();
    expect(found("openai", "whisper-1")).toBeUndefined();
  });
});

test("prices are those in effect at the time", () => {
  const before = source.find("openai", "o3", Date.parse("2025-06-09T23:59:59Z"));
  const after = source.find("openai", "o3", Date.parse("2025-06-10"));
  expect(before).toMatchObject({ rates: { input: 10 }, entry: { id: "o3" } });
  expect(before?.entry).not.toHaveProperty("since");
  expect(after).toMatchObject({ rates: { input: 2 }, entry: { id: "o3", since: "2025-06-10" } });
});

test("nothing is printed and the list is not changed", () => {
  const spies = (["warn", "error", "log"] as const).map((name) => vi.spyOn(console, name));
  const before = JSON.stringify(findProvider({ providerId: "openai" }));
  found("openai", "gpt-5.6-luna");
  expect(JSON.stringify(findProvider({ providerId: "openai" }))).toBe(before);
  for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

test("more names than are remembered lose nothing", async () => {
  const own = await loadPrices();
  for (let i = 0; i < 2000; i += 1) expect(found("openai", `unknown-${i}x`, own)).toBeUndefined();
  expect(found("openai", "gpt-4o", own)).toBe("openai:gpt-4o");
});

test("256 names are remembered, and no more", async () => {
  const own = await loadPrices();
  const kept = () => own.find("openai", "gpt-4o", at);
  let count = 0;
  const forgetting = () => {
    const first = kept();
    for (count++; kept() === first && count < 2000; count++) found("openai", `name-${count}`, own);
    return count;
  };
  const start = forgetting();
  // What is remembered is the very same object; this one and 255 others have room.
  expect(forgetting() - start).toBe(256);
});

test("without the package every price is unknown", async () => {
  vi.resetModules();
  vi.doMock("@pydantic/genai-prices", () => {
    throw new Error("Cannot find package");
  });
  const { loadPrices: load } = await import("./prices.ts");
  const empty = await load();
  expect(empty.find("openai", "gpt-4o", at)).toBeUndefined();
  vi.doUnmock("@pydantic/genai-prices");
});

// Last: it changes the package's data for this file's worker.
test("an update of the package's data is followed, a broken entry has no price", async () => {
  const own = await loadPrices();
  expect(own.find("openai", "gpt-4o", at)?.rates.input).toBe(2.5);
  const openai: Provider = {
    id: "openai",
    name: "OpenAI",
    api_pattern: "x",
    models: [
      { id: "gpt-4o", match: { equals: "gpt-4o" }, prices: { input_mtok: 7, output_mtok: 9 } },
      // The package throws here: a one-hour price without the price of the default lifetime.
      { id: "gpt-4", match: { equals: "gpt-4" }, prices: { cache_write_1h_mtok: 7 } },
      {
        id: "gpt-9",
        match: { equals: "gpt-9" },
        prices: [
          { prices: { input_mtok: 1, output_mtok: 1 } },
          {
            constraint: { type: "time_of_date", start_time: "00:00:00Z", end_time: "12:00:00Z" },
            prices: { input_mtok: 2, output_mtok: 2 },
          },
        ],
      },
    ],
  };
  updatePrices(({ setProviderData }: { setProviderData: (data: Provider[]) => void }) => setProviderData([openai]));
  expect(own.find("openai", "gpt-4o", at)?.rates.input).toBe(7);
  expect(found("openai", "gpt-4", own)).toBeUndefined();
  expect(found("openai", "gpt-9", own)).toBeUndefined();
  expect(found("anthropic", "claude-haiku-4-5", own)).toBeUndefined();
});
