/**
 * Makes src/cli/model-data.ts, what `callscope lint` knows of models beside the price data: the lists of deprecated models
 * in the SDKs that are installed, and what litellm's model file says a model refuses. `node scripts/model-notes.ts`
 * downloads litellm's wheel, `--from DIR` reads the one that is there, `--check` says whether the committed data is what
 * they give. Nothing of litellm is installed or run.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ModelNotes, Retirement } from "../src/cli/model-notes.ts";

const root = join(import.meta.dirname, "..");
const target = join(root, "src/cli/model-data.ts");
const file = (path: string) => readFileSync(join(root, "node_modules", path), "utf8");
const versionOf = (name: string) => (JSON.parse(file(`${name}/package.json`)) as { version: string }).version;

/** `"a", "b": Announced shutdown date: 2027-04-01.` in the comment above the type of OpenAI's models. */
export function openaiRetirements(declarations: string, source: string): Retirement[] {
  const end = declarations.indexOf("export type ChatModel");
  const comment = declarations
    .slice(declarations.lastIndexOf("/**", end), end)
    .split("\n")
    .map((line) => line.replace(/^\s*\*\s?/, "").trim())
    .join(" ");
  return comment.split(" - ").flatMap((item) => {
    const on = /Announced shutdown date: (\d{4}-\d{2}-\d{2})/.exec(item)?.[1];
    const models = Array.from(item.matchAll(/"([^"]+)"/g), ([, name = ""]) => name);
    return on === undefined || models.length === 0 ? [] : [{ provider: "openai", models, on, source }];
  });
}

/** `'claude-a': 'June 30th, 2026'` in the list by which Anthropic's SDK warns. */
export function anthropicRetirements(module: string, source: string): Retirement[] {
  return Array.from(module.matchAll(/'(claude-[^']+)': '(\w+) (\d+)(?:st|nd|rd|th), (\d{4})'/g), (found) => {
    const [, name = "", month = "", day = "", year = ""] = found;
    const date = new Date(`${month} ${day}, ${year} 00:00:00 UTC`);
    return { provider: "anthropic", models: [name], on: date.toISOString().slice(0, 10), source };
  });
}

type Litellm = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

// `litellm_provider` and ours.
const providers: Readonly<Record<string, string>> = {
  anthropic: "anthropic",
  bedrock: "bedrock",
  bedrock_converse: "bedrock",
  azure: "azure",
  azure_ai: "azure",
  gemini: "gemini",
  openai: "openai",
  "vertex_ai-anthropic_models": "vertex",
  "vertex_ai-language-models": "vertex",
};

/** The models of which the file says that they do not support it, by provider. */
export function lacking(models: Litellm, key: string): Record<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const [name, model] of Object.entries(models)) {
    const provider = providers[String(model.litellm_provider)];
    if (provider === undefined || model[key] !== false) continue;
    const names = found.get(provider) ?? new Set<string>();
    found.set(provider, names);
    // Region and path are taken off a requested name, too.
    const bare = name.slice(name.lastIndexOf("/") + 1).replace(/^(?:[a-z-]+\.)+(?=[a-z]+-)/, "");
    names.add(bare.replace(/@default$/, ""));
  }
  return Object.fromEntries([...found].sort().map(([provider, names]) => [provider, [...names].sort()]));
}

function readLitellm(folder: string): { version: string; models: Litellm } {
  const wheel = readdirSync(folder).find((name) => name.startsWith("litellm-") && name.endsWith(".whl"));
  if (wheel === undefined) throw new Error(`There is no litellm-*.whl in ${folder}.`);
  const program = `import sys, zipfile
sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read("litellm/model_prices_and_context_window_backup.json").decode())`;
  const text = execFileSync("python3", ["-c", program, join(folder, wheel)], { encoding: "utf8", maxBuffer: 1 << 28 });
  return { version: wheel.split("-")[1] ?? "", models: JSON.parse(text) as Litellm };
}

function download(version: string | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), "model-notes-"));
  const name = version === undefined ? "litellm" : `litellm==${version}`;
  execFileSync("pip", ["download", "--quiet", "--no-deps", "-d", folder, name], { stdio: "inherit" });
  return folder;
}

function notes(folder: string): ModelNotes {
  const { version, models } = readLitellm(folder);
  const openai = `the SDK openai ${versionOf("openai")}, https://developers.openai.com/api/docs/deprecations`;
  const anthropic = `the SDK @anthropic-ai/sdk ${versionOf("@anthropic-ai/sdk")}, https://platform.claude.com/docs/en/about-claude/model-deprecations`;
  return {
    litellm: version,
    retirements: [
      ...openaiRetirements(file("openai/resources/shared.d.ts"), openai),
      ...anthropicRetirements(file("@anthropic-ai/sdk/internal/data/deprecated-models.mjs"), anthropic),
    ],
    noSampling: lacking(models, "supports_sampling_params"),
    noForcedTools: lacking(models, "supports_forced_tool_use"),
  };
}

function main(): void {
  const { values } = parseArgs({ options: { from: { type: "string" }, check: { type: "boolean" } } });
  const committed = values.check ? /litellm": "([^"]+)"|litellm: "([^"]+)"/.exec(readFileSync(target, "utf8")) : null;
  const made = notes(values.from ?? download(committed?.[1] ?? committed?.[2]));
  const head = `// Made by scripts/model-notes.ts from the SDKs' lists and from litellm's file (MIT, see LICENSE-prices.txt): do not edit.\nimport type { ModelNotes } from "./model-notes.ts";\n\n`;
  const module = `${head}export const modelNotes: ModelNotes = ${JSON.stringify(made, null, 2)};\n`;
  const text = execFileSync("biome", ["format", "--stdin-file-path=src/cli/model-data.ts"], {
    cwd: root,
    input: module,
    encoding: "utf8",
  });
  if (!values.check) writeFileSync(target, text);
  else if (readFileSync(target, "utf8") !== text) {
    console.error("src/cli/model-data.ts is not what the lists give: run node scripts/model-notes.ts.");
    process.exitCode = 1;
  } else console.log("What is known of models is what the lists give.");
}

if (import.meta.main) main();
