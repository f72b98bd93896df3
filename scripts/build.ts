import { spawnSync } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { rolldown } from "rolldown";
import { joinFiles } from "./join-files.ts";
import { buildPage } from "./page.ts";

// The types, a file a module; the JavaScript, an entry a subpath with what they share in chunks: what is imported loads
// in half the time of sixty files. Nothing is minified, so that a stack trace reads like the source.
rmSync("dist", { recursive: true, force: true });
const { status } = spawnSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

const { exports, bin } = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, { readonly node?: string; readonly default?: string } | string>>;
};
const entries = Object.values(exports).flatMap((entry) =>
  typeof entry === "object"
    ? [entry.node, entry.default].flatMap((path) => (path ? [path.slice("./dist/".length, -".js".length)] : []))
    : [],
);
// The command shares the library's chunks: a call of the user's modules is a call to it, too.
entries.push(...Object.values(bin).map((path) => path.slice("dist/".length, -".js".length)));
// What the command needs before it loads one of its commands, and for `--help`.
const atStart = /\/src\/cli\/(?:commands|help|misuse|printable|say)\.ts$/;
// What the import of a provider loads: what a call is defined with, and what most providers stand on.
const start = needsOf(resolve("src/call/call.ts"));
const subpaths = new Map(
  globSync("src/providers/*/index.ts").map((file) => [basename(dirname(file)), needsOf(resolve(file))]),
);
const shared = (id: string) =>
  id.includes("/providers/") ? 0 : [...subpaths.values()].filter((modules) => modules.has(id)).length;
// The wires that several providers speak, what stands on another after it. Gemini's has both its providers, which are small.
const wires = {
  chat: /\/dialects\/(?:chat-|openai-sdk)/,
  "gemini-read": /\/dialects\/gemini-(?:read|arguments)/,
  gemini: /\/dialects\/(?:gemini|required-cycles)|\/providers\/(?:gemini|vertex)\//,
};
const isWire = (id: string) => Object.values(wires).some((wire) => wire.test(id));

/** The provider that a module is of, where its subpath loads it. */
function providerOf(id: string): string | null {
  const name = /\/src\/providers\/([^/]+)\//.exec(id)?.[1];
  return name !== undefined && subpaths.get(name)?.has(id) ? name : null;
}
// What the first call loads beside its provider's SDK.
const run = new Set(
  [
    "src/prepare/prepare.ts",
    "src/prepare/report.ts",
    "src/call/answering.ts",
    "src/call/apart.ts",
    "src/read/receiving.ts",
    "src/structured/growing.ts",
  ].flatMap((file) => [...needsOf(resolve(file))]),
);
// What the root loads; the providers that it can load are named apart, so that nothing else brings them along.
const root = needsOf(resolve("src/index.ts"));
root.delete(resolve("src/any-provider.ts"));
const beside = new Set(
  ["redis", "http", "kit", "otel", "trace", "rows", "restate", "dbos"]
    .map((name) => `src/${name}/index.ts`)
    .concat("src/dialects/batch-lines.ts")
    .flatMap((file) => [...needsOf(resolve(file))]),
);
const build = await rolldown({
  input: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
  platform: "node",
  plugins: [
    {
      // The model in the process needs Node's modules: `imports` of package.json says what stands there elsewhere.
      name: "local",
      resolveId: (id, importer) =>
        id === "./providers/local/provider.ts" && importer?.endsWith("/src/any-provider.ts")
          ? { id: "#local", external: true }
          : null,
    },
    { name: "fewer files", generateBundle: (_, bundle) => joinFiles(bundle) },
  ],
  // Every package stays an import of its own, above all the SDKs, which are loaded on the first call.
  external: (id) => !id.startsWith(".") && !id.startsWith("/") && !id.startsWith("src/"),
});
await build.write({
  dir: "dist",
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name]-[hash].js",
  // A file costs as much to load as twenty kilobytes of it: what every call needs is one, and so is what wires share.
  codeSplitting: {
    groups: [
      { name: "start", test: (id) => start.has(id) || (shared(id) > 1 && !isWire(id)), priority: 6 },
      ...Object.entries(wires).map(([name, wire], index) => ({
        name,
        test: (id: string) => wire.test(id) && (shared(id) > 1 || providerOf(id) !== null),
        priority: 5 - index / 10,
      })),
      // What a single provider shares with the first call.
      { name: "lent", test: (id) => run.has(id) && shared(id) === 1, priority: 4 },
      { name: "run", test: (id) => run.has(id), priority: 3 },
      { name: providerOf, debugName: "provider", priority: 2 },
      // What the root shares beside that with the subpaths that need little of it, and with the others.
      { name: "beside", test: (id) => root.has(id) && beside.has(id), priority: 1 },
      { name: "root", test: (id) => root.has(id), minShareCount: 2, priority: 0 },
      { name: "command", test: (id) => atStart.test(id), priority: 1 },
    ],
  },
  comments: { legal: false, jsdoc: false, annotation: true },
});
writeFileSync("dist/page.html", await buildPage());

/** A module and all that it imports from the start, straight or through others; what is imported later is not among it. */
function needsOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path = ""] of readFileSync(file, "utf8").matchAll(
    /^(?:import|export) (?!type )[^;"]*from "(\.[^"]+)"/gm,
  )) {
    needsOf(resolve(dirname(file), path), found);
  }
  return found;
}
