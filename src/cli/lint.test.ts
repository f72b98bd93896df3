import { describe, expect, test } from "vitest";
import { anthropicRetirements, lacking, openaiRetirements } from "../../scripts/model-notes.ts";
import { imports, workplace } from "../../test/support/run-command.ts";

interface Found {
  readonly level: string;
  readonly rule: string;
  readonly place?: string;
  readonly providers: readonly string[];
  readonly message: string;
  readonly source?: string;
  readonly line: number;
}

/** What lint finds in one call. */
async function lint(call: string, ...args: string[]): Promise<{ code: number; findings: readonly Found[] }> {
  const text = `${imports}export const one = ${call};\nexport const samples = [{ call: one, args: ["Dune"] }];\n`;
  using place = workplace({ "one.ts": text });
  const { code, output, errors } = await place.run("lint", "--on", "2026-12-01", "--json", ...args);
  expect(errors).toBe("");
  return { code, findings: JSON.parse(output).findings };
}

const prompt = '(text: string) => "Read: " + text';

describe("callscope lint", () => {
  test("finds nothing where nothing is wrong", async () => {
    const schema = "z.object({ title: z.string() })";
    const found = await lint(`openai.call("gpt-5.6-sol", { responseModel: ${schema}, jsonMode: "schema" }, ${prompt})`);
    expect(found).toEqual({ code: 0, findings: [] });
  });

  test("a strict tool that no provider can be held to is refused, at its field, on each", async () => {
    const strict = `tool({ name: "open", strict: true, parameters: z.object({
  pages: z.record(z.string(), z.number()) }), call: () => "" })`;
    const { code, findings } = await lint(`openai.call("gpt-5.6-sol", { tools: [${strict}] }, ${prompt})`);
    expect(code).toBe(1);
    const [found] = findings;
    expect(findings).toHaveLength(1);
    expect(found).toMatchObject({ level: "error", rule: "tool", place: "pages" });
    expect(found?.providers).toEqual(expect.arrayContaining(["openai", "anthropic", "cohere", "bedrock", "gemini"]));
    expect(found?.message).toContain('at "properties/pages", it accepts keys that are not listed');
    expect(found?.line).toBe(imports.split("\n").length + 1);
  });

  test("what one provider alone refuses is found there, and not where another is named", async () => {
    const schema = `tool({ name: "look", strict: true, parameters: z.object({ "größe": z.string() }), call: () => "" })`;
    const call = `openai.call("gpt-5.6-sol", { tools: [${schema}] }, ${prompt})`;
    const all = await lint(call);
    expect(all.code).toBe(1);
    expect(all.findings).toEqual([
      expect.objectContaining({ providers: ["anthropic"], level: "error", place: "größe" }),
    ]);
    expect(await lint(call, "--provider", "own", "--provider", "mistral")).toEqual({ code: 0, findings: [] });
  });

  test("says what each field becomes, as a note that does not fail", async () => {
    const schema = "z.object({ title: z.string().min(3), year: z.number().max(2100).optional() })";
    const { code, findings } = await lint(
      `openai.call("gpt-5.6-sol", { responseModel: ${schema}, jsonMode: "schema" }, ${prompt})`,
    );
    expect(code).toBe(0);
    const said = (place: string, words: string) =>
      findings.find((found) => found.place === place && found.message.includes(words));
    expect(said("title", "minLength 3 is left out")?.providers).toContain("openai");
    expect(said("year", "becomes required and may be null")?.providers).toContain("openai");
    expect(said("year", "becomes required and may be null")?.providers).not.toContain("anthropic");
    expect(said("year", "maximum 2100 is told in the description")?.providers).toEqual(["anthropic", "bedrock"]);
    expect(said("year", "maximum 2100 is left out")?.providers).toEqual(["cohere"]);
    for (const { level } of findings) expect(level).toBe("note");
    const quiet = await lint(
      `openai.call("gpt-5.6-sol", { responseModel: ${schema}, jsonMode: "schema" }, ${prompt})`,
      "--quiet",
    );
    expect(quiet).toEqual({ code: 0, findings: [] });
  });

  test("warns where a provider holds the model to a schema no more", async () => {
    const schema = "z.object({ words: z.record(z.string(), z.string()) })";
    const { code, findings } = await lint(
      `openai.call("gpt-5.6-sol", { responseModel: ${schema}, jsonMode: "schema" }, ${prompt})`,
    );
    expect(code).toBe(1);
    const strict = findings.find(({ message }) => message.startsWith("the schema is sent, but not as a strict one"));
    expect(strict).toMatchObject({ level: "warning", place: "words" });
    expect(strict?.providers).toContain("openai");
    expect(strict?.providers).not.toContain("local");
    const words = findings.find(({ message }) => message.startsWith("the answer is asked for in words"));
    expect(words?.providers).toEqual(["anthropic", "cohere", "bedrock"]);
  });

  test.each([
    ["openai", "o1-mini", "error", "was retired on 2025-10-27", "the SDK openai"],
    ["openai", "gpt-4o", "warning", "will be retired on 2027-01-14, in 44 days", "litellm"],
    ["openai", "gpt-5.4-nano", "note", "will be retired on 2027-04-01, in 121 days", "the SDK openai"],
    ["anthropic", "claude-sonnet-4-5", "error", "was retired on 2026-11-30", "the SDK @anthropic-ai/sdk"],
  ])("%s's %s: %s, %s", async (provider, model, level, words, source) => {
    const { code, findings } = await lint(`${provider}.call("${model}", ${prompt})`, "--provider", "own");
    const found = findings.find(({ rule }) => rule === "model");
    expect(found).toMatchObject({ level, providers: [provider] });
    expect(found?.message).toContain(words);
    expect(found?.source).toContain(source);
    expect(code).toBe(level === "note" ? 0 : 1);
  });

  test("--soon decides how near is soon; a successor is named", async () => {
    const { code, findings } = await lint(`openai.call("gpt-4o", ${prompt})`, "--soon", "30");
    expect(code).toBe(0);
    expect(findings).toEqual([
      expect.objectContaining({ level: "note", message: expect.stringContaining("its successor is gpt-") }),
    ]);
  });

  test("a price that is not known, unless the call has one of its own", async () => {
    const { code, findings } = await lint(`openai.call("gpt-nobody", ${prompt})`);
    expect(code).toBe(1);
    expect(findings).toEqual([expect.objectContaining({ level: "warning", rule: "price" })]);
    const priced = `.with({ prices: { "gpt-nobody": { input: 1, output: 2 } } })`;
    expect(await lint(`openai.call("gpt-nobody", ${prompt})${priced}`)).toEqual({ code: 0, findings: [] });
  });

  test.each([
    ["openai", "o3", "{ temperature: 0.2, max_tokens: 9, top_p: 1 }", ["temperature", "max_tokens"]],
    ["openai", "o3", "{ stop: ['x'] }", ["stop"]],
    ["openai", "gpt-5", "{ temperature: 0 }", ["temperature"]],
    ["openai", "gpt-5", "{ temperature: 1, max_completion_tokens: 9 }", []],
    ["openai", "gpt-5.2", "{ temperature: 0, reasoning_effort: 'high' }", ["temperature"]],
    ["openai", "gpt-5.2", "{ temperature: 0 }", []],
    ["openai", "gpt-4o", "{ temperature: 0, top_p: 0.5, max_tokens: 9 }", []],
    ["anthropic", "claude-opus-4-7", "{ temperature: 0, top_k: 5 }", ["temperature", "top_k"]],
    ["anthropic", "claude-opus-4-6", "{ temperature: 0, top_p: 0.5 }", ["top_p"]],
    ["anthropic", "claude-opus-4-6", "{ temperature: 0 }", []],
  ])("%s's %s with %s refuses %j", async (provider, model, params, refused) => {
    const { findings } = await lint(
      `${provider}.call("${model}", { callParams: ${params} }, ${prompt})`,
      "--provider",
      "own",
    );
    const found = findings.filter(({ rule }) => rule === "parameter");
    expect(found.map(({ place }) => place).sort()).toEqual([...refused].sort());
    for (const { level, source } of found)
      expect({ level, named: source !== undefined }).toEqual({ level: "error", named: true });
  });

  test("a common parameter that a provider lacks, an answer longer than the model's, a tool nobody can force", async () => {
    const seed = await lint(
      `call("anthropic/claude-opus-5", { callParams: { seed: 1 } as object }, ${prompt})`,
      "--provider",
      "own",
    );
    expect(seed.findings).toEqual([
      expect.objectContaining({ level: "error", rule: "prompt", message: expect.stringContaining('"seed"') }),
    ]);
    const long = await lint(`openai.call("gpt-4o", { callParams: { max_tokens: 1e6 } }, ${prompt})`, "--quiet");
    expect(long.findings.map(({ message }) => message)).toContainEqual(
      expect.stringContaining("an answer of 1000000 tokens is allowed"),
    );
    const forced = await lint(
      `anthropic.call("claude-opus-5-5", { responseModel: z.object({ a: z.string() }) }, ${prompt})`,
      "--provider",
      "own",
    );
    expect(forced.findings).toEqual([
      expect.objectContaining({ message: expect.stringContaining("cannot be made to call a tool") }),
    ]);
  });

  test("in text and for GitHub a finding begins with its place", async () => {
    using place = workplace({
      "src/one.ts": `${imports}export const one = openai.call("o1-mini", () => "Hi");\nexport const samples = [{ call: one }];\n`,
    });
    const line = imports.split("\n").length;
    const { code, output } = await place.run("lint", "--provider", "own", "--on", "2026-12-01");
    expect(code).toBe(1);
    expect(output).toContain(
      `src/one.ts:${line}: error: one.one, model, openai: the model o1-mini was retired on 2025-10-27`,
    );
    expect(output).toMatch(/\n1 error, \d warnings?, 0 notes\.\n$/);
    const github = await place.run("lint", "--provider", "own", "--on", "2026-12-01", "--github");
    expect(github.code).toBe(1);
    expect(github.output).toContain(
      `::error file=src/one.ts,line=${line},title=one.one%2C model%2C openai::the model o1-mini was retired`,
    );
    const misuse = await place.run("lint", "--provider", "openay");
    expect(misuse).toMatchObject({ code: 2, output: "" });
  });
});

describe("what is known of models", () => {
  test("is read from the comment above OpenAI's type", () => {
    const text = `/** Other. */
export type AllModels = string;
/**
 * Deprecated values:
 *
 * - "a-1", "a-1-2025-01-02": Announced shutdown date:
 *   2027-04-01. See
 *   https://example.com for details.
 * - "b": Not a supported model ID.
 * - "c-2": Announced shutdown date: 2026-08-10. See more.
 */
export type ChatModel = 'a-1' | 'b' | 'c-2';`;
    expect(openaiRetirements(text, "x")).toEqual([
      { provider: "openai", models: ["a-1", "a-1-2025-01-02"], on: "2027-04-01", source: "x" },
      { provider: "openai", models: ["c-2"], on: "2026-08-10", source: "x" },
    ]);
  });

  test("is read from Anthropic's list, and from litellm's file", () => {
    const text =
      "export const DEPRECATED_MODELS = {\n    'claude-a-1': 'June 3rd, 2026',\n    'claude-b': 'November 30th, 2026',\n};";
    expect(anthropicRetirements(text, "x").map(({ models, on }) => [models, on])).toEqual([
      [["claude-a-1"], "2026-06-03"],
      [["claude-b"], "2026-11-30"],
    ]);
    const models = {
      "claude-b": { litellm_provider: "anthropic", says: false },
      "us.anthropic.claude-b": { litellm_provider: "bedrock_converse", says: false },
      "vertex_ai/claude-b@default": { litellm_provider: "vertex_ai-anthropic_models", says: false },
      "claude-c": { litellm_provider: "anthropic", says: true },
      "other/claude-b": { litellm_provider: "somebody", says: false },
    };
    expect(lacking(models, "says")).toEqual({ anthropic: ["claude-b"], bedrock: ["claude-b"], vertex: ["claude-b"] });
  });
});
