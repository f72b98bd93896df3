import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { CommonParams } from "../src/contract/provider.ts";
import type { Kind, Lane, Traits } from "../test/contract/lane.ts";
import { lanes } from "../test/contract/lanes/index.ts";

// Writes the table of docs/compatibility.md: what works on which provider. It is made of the traits of the contract
// suite's lanes, each of which a test holds, so that no test need run for it. With --check it only compares.
const root = resolve(import.meta.dirname, "..");
const page = join(root, "docs/compatibility.md");
const start = "<!-- matrix:start -->";
const end = "<!-- matrix:end -->";

type Cell = (traits: Traits) => string;

const yes = "yes";
const absent = "–";
const has =
  (trait: (traits: Traits) => boolean): Cell =>
  (traits) =>
    trait(traits) ? yes : absent;
const part =
  (kind: Kind): Cell =>
  (traits) =>
    traits.parts.includes(kind) ? yes : "error";
const inResults =
  (kind: Kind): Cell =>
  (traits) =>
    traits.resultParts.includes(kind) ? yes : "error";
const param =
  (name: keyof CommonParams): Cell =>
  (traits) =>
    traits.common.includes(name) ? yes : "error";
const everywhere: Cell = () => yes;

/** A row of the table: the feature, the test file that holds it, and its cell. */
const rows: readonly (readonly [feature: string, file: string, cell: Cell])[] = [
  ["Text, whole and streamed", "text", everywhere],
  ["Several turns; a conversation begun elsewhere", "text", everywhere],
  ["System prompts anywhere", "text", ({ systemField }) => (systemField ? "yes, joined" : yes)],
  ["Thoughts apart from the content", "text", has(({ thinking }) => thinking)],
  ["Pictures", "parts", part("picture")],
  ["Pictures by address", "parts", part("picture by address")],
  ["Sound", "parts", part("sound")],
  ["Documents (PDF)", "parts", part("document")],
  ["Cache marks", "parts", part("cache mark")],
  ["Tools: parallel, streamed, in a loop", "tools", everywhere],
  ["Arguments of tools while they grow", "tool-streams", has(({ partialTools }) => partialTools)],
  ["A tool's result marked as an error", "tools", has(({ errorResults }) => errorResults)],
  ["A picture in a tool's result", "result-parts", inResults("picture")],
  ["… by address", "result-parts", inResults("picture by address")],
  ["Sound in a tool's result", "result-parts", inResults("sound")],
  ["A document (PDF) in a tool's result", "result-parts", inResults("document")],
  ["Structured answers by a forced tool", "structured", everywhere],
  ["… in JSON mode", "structured", ({ json }) => (json === "field" ? yes : "in words")],
  ["… by the provider's own schema mode", "structured", everywhere],
  ["… streamed as they grow", "structured-streams", everywhere],
  ["A refusal told apart from the text", "structured", has(({ refusal }) => refusal)],
  ...(["temperature", "maxTokens", "topP", "stop", "seed", "frequencyPenalty", "presencePenalty"] as const).map(
    (name) => [`Common parameter \`${name}\``, "parts", param(name)] as const,
  ),
  ["A request prepared here, sent elsewhere", "config", everywhere],
  ["Time limits, aborts, broken connections: one behaviour", "limits", everywhere],
  ["How long a 429 asks to wait", "refusals", has(({ retryAfter }) => retryAfter)],
];

/** One column a provider; two clients of one provider are one column, as they can do the same. */
function columns(): Map<string, Lane> {
  const found = new Map<string, Lane>();
  for (const lane of lanes) {
    const [name = ""] = lane.name.split(" ");
    const known = found.get(name);
    if (known !== undefined && !isDeepStrictEqual(known.traits, lane.traits)) {
      throw new Error(`The clients of ${name} differ in what they can do: they need a column each.`);
    }
    if (known === undefined) found.set(name, lane);
  }
  return found;
}

/** The table in Markdown. Throws for a row whose test file is not there. */
export function matrix(): string {
  const found = columns();
  const lines = [
    ["Feature", ...found.keys()],
    ["---", ...Array.from(found, () => ":-:")],
  ];
  for (const [feature, file, cell] of rows) {
    if (!existsSync(join(root, `test/contract/${file}.test.ts`)))
      throw new Error(`${feature}: there is no ${file}.test.ts.`);
    lines.push([feature, ...Array.from(found.values(), (lane) => cell(lane.traits))]);
  }
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

const legend = `**yes**: works. **in words**: the API has no field for it, so the prompt asks for it. **error**: the provider cannot
take it, and an \`UnsupportedError\` names it before any request is sent. **–**: nothing of the kind
comes from the provider, unless its own parameters ask for it.`;

const intro = `# Compatibility

What works on which provider. The table is made by the contract suite: every mark is a test that passes.

${start}
${end}
`;

/** A page without what the formatter decides: how wide the columns are. */
const plain = (text: string) => text.replace(/ {2,}/g, " ").replace(/:-+:/g, ":-:").replace(/-{3,}/g, "---");

function main(): void {
  const before = existsSync(page) ? readFileSync(page, "utf8") : intro;
  const [from, to] = [before.indexOf(start), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/compatibility.md has no ${start} … ${end}.`);
  const after = `${before.slice(0, from + start.length)}\n\n${matrix()}\n\n${legend}\n\n${before.slice(to)}`;
  if (!process.argv.includes("--check")) {
    writeFileSync(page, after);
  } else if (existsSync(page) && plain(after) === plain(before)) {
    console.log("docs/compatibility.md says what the contract suite holds.");
  } else {
    console.error(
      "docs/compatibility.md is not what the contract suite holds: run `node scripts/matrix.ts` and `npm run format`.",
    );
    process.exitCode = 1;
  }
}

if (import.meta.main) main();
