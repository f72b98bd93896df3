/**
 * Makes the price data of two public lists: `node scripts/prices.ts` downloads them, `--from DIR` reads the wheels that are
 * there already, `--check` says whether the committed data is what they give. Nothing of the lists is installed or run.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { parseArgs } from "node:util";
import type { PriceFile } from "../src/money/price-file.ts";
import type { GenaiProvider } from "./price-lists/genai.ts";
import type { LitellmModel } from "./price-lists/litellm.ts";
import { pageOf } from "./price-lists/page.ts";
import { joinAll } from "./price-lists/providers.ts";

const root = joinPath(import.meta.dirname, "..");
const paths = {
  data: joinPath(root, "src/money/price-data.ts"),
  notice: joinPath(root, "LICENSE-prices.txt"),
  page: joinPath(root, "docs/prices.md"),
};

interface Lists {
  readonly genai: { readonly version: string; readonly licence: string; readonly providers: readonly GenaiProvider[] };
  readonly litellm: {
    readonly version: string;
    readonly licence: string;
    readonly models: Readonly<Record<string, LitellmModel>>;
  };
}

const { values } = parseArgs({
  options: { from: { type: "string" }, check: { type: "boolean" }, out: { type: "string" } },
});
const committed = values.check ? fileIn(readFileSync(paths.data, "utf8")) : undefined;
const lists = read(values.from ?? download(committed?.lists));
// A check makes the file of the day that the committed one names.
const made = fileOf(lists, committed?.read ?? new Date().toISOString().slice(0, 10));
const outputs = new Map([
  [paths.data, dataOf(made)],
  [paths.notice, noticeOf(lists)],
  [paths.page, pageOf(made)],
]);
if (values.check) check();
else if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(made)}\n`);
else for (const [path, text] of outputs) writeFileSync(path, text);

function check(): void {
  const stale = [...outputs].filter(([path, text]) => readFileSync(path, "utf8") !== text).map(([path]) => path);
  for (const path of stale) console.error(`${path} is not what the lists give: run node scripts/prices.ts.`);
  if (stale.length > 0) process.exitCode = 1;
  else console.log(`The price data is what the lists give, as they were read on ${made.read}.`);
}

/** The wheels, in a new folder outside the repository. A check asks for the versions that the data was made of. */
function download(versions: PriceFile["lists"] | undefined): string {
  const folder = mkdtempSync(joinPath(tmpdir(), "prices-"));
  const names = ["genai-prices", "litellm"].map((name) => (versions ? `${name}==${versions[name]}` : name));
  execFileSync("pip", ["download", "--quiet", "--no-deps", "-d", folder, ...names], { stdio: "inherit" });
  return folder;
}

function read(folder: string): Lists {
  const wheel = (start: string) => {
    const name = readdirSync(folder).find((file) => file.startsWith(start) && file.endsWith(".whl"));
    if (name === undefined) throw new Error(`There is no ${start}*.whl in ${folder}.`);
    return joinPath(folder, name);
  };
  const script = joinPath(import.meta.dirname, "price-lists/extract.py");
  const args = [script, wheel("genai_prices-"), wheel("litellm-")];
  return JSON.parse(execFileSync("python3", args, { encoding: "utf8", maxBuffer: 1 << 28 })) as Lists;
}

function fileOf({ genai, litellm }: Lists, day: string): PriceFile {
  const { models, sources } = joinAll(genai.providers, litellm.models, day);
  const versions = { "genai-prices": genai.version, litellm: litellm.version };
  return { format: "callscope/prices", version: 1, read: day, lists: versions, sources, models };
}

/** The module that is shipped: one line a model, so that a change can be read. */
function dataOf({ models, ...head }: PriceFile): string {
  const providers = Object.entries(models).map(
    ([name, entries]) => `"${name}":[\n${entries.map((entry) => JSON.stringify(entry)).join(",\n")}\n]`,
  );
  const json = `${JSON.stringify(head).slice(0, -1)},"models":{\n${providers.join(",\n")}\n}}`;
  if (/[`\\]|\$\{/.test(json)) throw new Error("A name in the lists needs escaping in a template.");
  const head1 =
    "// Made by scripts/prices.ts from genai-prices and litellm (MIT, see LICENSE-prices.txt): do not edit.";
  return `${head1}\n/** The price file, as JSON: parsing text is faster than loading as much code. */\nexport const priceData: string = \`${json}\`;\n`;
}

function fileIn(module: string): PriceFile {
  return JSON.parse(module.slice(module.indexOf("`") + 1, module.lastIndexOf("`"))) as PriceFile;
}

function noticeOf({ genai, litellm }: Lists): string {
  const about = "The price data in this package is made of two lists, both under the MIT licence.";
  const rule = "-".repeat(80);
  const notices = [
    ["genai-prices, https://github.com/pydantic/genai-prices", genai.licence],
    ["litellm, https://github.com/BerriAI/litellm: its price file", litellm.licence],
  ];
  return `${about}\n\n${notices.map(([name, text]) => `${rule}\n${name}\n${rule}\n\n${text?.trim()}\n`).join("\n")}`;
}
