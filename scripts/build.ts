import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { rolldown } from "rolldown";

// The types, a file a module; the JavaScript, an entry a subpath with what they share in chunks: what is imported loads
// in half the time of sixty files. Nothing is minified, so that a stack trace reads like the source.
rmSync("dist", { recursive: true, force: true });
const { status } = spawnSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

const { exports, bin } = JSON.parse(readFileSync("package.json", "utf8")) as {
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, { readonly default?: string } | string>>;
};
const entries = Object.values(exports).flatMap((entry) =>
  typeof entry === "object" && entry.default !== undefined
    ? [entry.default.slice("./dist/".length, -".js".length)]
    : [],
);
// The command shares the library's chunks: a call of the user's modules is a call to it, too.
entries.push(...Object.values(bin).map((path) => path.slice("dist/".length, -".js".length)));
const build = await rolldown({
  input: Object.fromEntries(entries.map((entry) => [entry, `src/${entry}.ts`])),
  platform: "node",
  // Every package stays an import of its own, above all the SDKs, which are loaded on the first call.
  external: (id) => !id.startsWith(".") && !id.startsWith("/") && !id.startsWith("src/"),
});
await build.write({
  dir: "dist",
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name]-[hash].js",
  comments: { legal: false, jsdoc: false, annotation: true },
});
