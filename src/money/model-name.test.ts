import { describe, expect, test } from "vitest";
import { isSameModel, regionOf, sizesDiffer, snapshotOf, withoutPath } from "./model-name.ts";
import { priceData } from "./price-data.ts";
import type { PriceFile } from "./price-file.ts";

describe("isSameModel", () => {
  test.each([
    ["gpt-4o-mini-2024-07-18", "gpt-4o-mini"],
    ["gpt-5-1-codex", "gpt-5.1-codex"],
    ["ft:gpt-4o-mini-2024-07-18:acme:support:abc123", "ft:gpt-4o-mini"],
    ["claude-haiku-4-5-20251001", "claude-haiku-4-5"],
    ["claude-4.5-haiku", "claude-haiku-4-5"],
    ["claude-opus-4-20250514", "claude-opus-4-0"],
    ["claude-3-5-haiku-20241022", "claude-3-5-haiku-latest"],
    ["us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"],
    ["us.anthropic.claude-sonnet-4-6", "regional.anthropic.claude-sonnet-4-6-v1:0"],
    ["us.anthropic.claude-opus-4-6-v1", "us.anthropic.claude-opus-4-6"],
    ["us-gov.anthropic.claude-3-haiku-20240307-v1:0", "regional.anthropic.claude-3-haiku-20240307-v1:0"],
    ["arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"],
    ["claude-3-5-sonnet-v2@20241022", "claude-3-5-sonnet"],
    ["models/gemini-2.5-flash", "gemini-2.5-flash"],
    ["gemini-2.5-flash-preview-09-2025", "gemini-2.5-flash"],
    ["gemini-2.0-flash-thinking-exp-01-21", "gemini-2.0-flash-thinking"],
    ["gemini-2.0-flash-001", "gemini-2.0-flash"],
    ["mistral-small-latest", "mistral-small"],
    ["mistral-small-2506", "mistral-small"],
    ["command-r7b-12-2024", "command-r7b"],
    ["Meta-Llama/Llama-4-Scout-17B-16E-Instruct", "meta-llama/llama-4-scout-17b-16e-instruct"],
  ])("%s is %s", (requested, name) => {
    expect(isSameModel(requested, name)).toBe(true);
  });

  test.each([
    ["claude-sonnet-5-9", "claude-sonnet-5"],
    ["claude-sonnet-5-5", "claude-sonnet-5"],
    ["claude-opus-4-1", "claude-opus-4"],
    ["claude-opus-4-7-fast", "claude-opus-4-7"],
    ["gpt-5.6-sol", "gpt-5"],
    ["gpt-5.6", "gpt-5"],
    ["gpt-50", "gpt-5"],
    ["gpt-5-mini", "gpt-5"],
    ["gpt-4o", "gpt-4"],
    ["gpt-4o-audio-preview", "gpt-4o"],
    ["gpt-4o-2024-08-06", "gpt-4o-2024-05-13"],
    ["gpt-4o", "gpt-4o-2024-05-13"],
    ["o1", "o1-preview"],
    ["ft:gpt-4o-2024-08-06:acme::abc", "gpt-4o"],
    ["gemini-1.5-flash-8b", "gemini-1.5-flash"],
    ["gemini-2.5-flash-lite", "gemini-2.5-flash"],
    ["gemini-2.5-pro-preview-tts", "gemini-2.5-pro"],
    ["custom-gemini-2.0-flash", "gemini-2.0-flash"],
    ["mistral-small-2506", "mistral-small-2603"],
    ["mistral-medium", "mistral-small"],
    ["global.anthropic.claude-haiku-4-5-20251001-v1:0", "regional.anthropic.claude-haiku-4-5-20251001-v1:0"],
    ["us.anthropic.claude-haiku-4-5-20251001-v1:0", "global.anthropic.claude-haiku-4-5-20251001-v1:0"],
    ["anthropic.claude-3-haiku-20240307-v1:0:200k", "anthropic.claude-3-haiku-20240307-v1:0"],
    ["my-o4-mini-deployment", "o4-mini"],
    ["deepseek-v3", "deepseek-v4"],
    ["llama-3.1-70b", "llama-3.1-8b"],
  ])("%s is not %s", (requested, name) => {
    expect(isSameModel(requested, name)).toBe(false);
  });

  test("every name of the price list is itself", () => {
    const { models } = JSON.parse(priceData) as PriceFile;
    for (const { n } of Object.values(models).flat())
      for (const name of n) expect(isSameModel(name, name), name).toBe(true);
  });

  test("takes linear time on hostile names", () => {
    const names = ["a.".repeat(50_000), "-v1:1".repeat(50_000), "1".repeat(200_000), `-v${"1".repeat(200_000)}`];
    const start = performance.now();
    for (const name of names) expect(isSameModel(name, "gpt-4o")).toBe(false);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

test("sizes differ only where both names give one", () => {
  expect(sizesDiffer("openai/gpt-oss-safeguard-20b", "openai/gpt-oss-120b")).toBe(true);
  expect(sizesDiffer("gpt-oss-20b", "openai/gpt-oss-20b")).toBe(false);
  expect(sizesDiffer("open-mistral-nemo", "mistral-7b")).toBe(false);
});

test.each([
  ["us.anthropic.claude-sonnet-4-6", "us"],
  ["us-gov.amazon.nova-lite-v1:0", "us-gov"],
  ["arn:aws:bedrock:us-west-2:1:inference-profile/eu.amazon.nova-lite-v1:0", "eu"],
  ["anthropic.claude-sonnet-4-6", undefined],
  ["openai.gpt-5.5", undefined],
])("the region of %s is %s", (name, region) => {
  expect(regionOf(name)).toBe(region);
});

test.each([
  ["mistral-large-2512", "2512"],
  ["gpt-4o-2024-05-13", "2024-05-13"],
  ["gemini-2.5-flash-preview-05-20", "05-20"],
  ["command-r-08-2024", "08-2024"],
  ["claude-opus-4-8", undefined],
  ["llama3-70b-8192", undefined],
])("the snapshot of %s is %s", (name, snapshot) => {
  expect(snapshotOf(name)).toBe(snapshot);
});

test("the path of a name is cut off", () => {
  expect(withoutPath("publishers/google/models/gemini-2.5-pro")).toBe("gemini-2.5-pro");
  expect(withoutPath("gpt-4o")).toBe("gpt-4o");
});
