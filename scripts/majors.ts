import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual, promisify } from "node:util";
import { startMajorsServer } from "../test/majors/server.ts";

// Each SDK in the oldest version that `peerDependencies` allows and in the newest of each major: installed beside the packed
// package in a folder of its own, where a program runs (test/majors/program.mjs) and its types are compiled, the library's
// own declarations included. `npm run majors`; with --lowest only the oldest, with package@version only those.
const root = resolve(import.meta.dirname, "..");
const run = promisify(execFile);

interface Sdk {
  /** The oldest that is allowed, then the newest of each major. */
  readonly versions: readonly string[];
  /** Lanes of the tests of the contract. */
  readonly lanes: readonly string[];
  /** A file of test/majors/types. */
  readonly types: string;
  /** Where a version wants another zod than today's. */
  readonly zod?: Readonly<Record<string, string>>;
}

const sdks: Readonly<Record<string, Sdk>> = {
  openai: {
    versions: ["4.104.0", "5.23.2", "6.49.0", "7.59.0"],
    lanes: ["openai", "openai.responses", "litellm", "azure (openai)"],
    types: "openai",
    zod: { "4.104.0": "3.25.76", "5.23.2": "3.25.76" },
  },
  "@anthropic-ai/sdk": { versions: ["0.32.1", "0.137.0", "1.14.0"], lanes: ["anthropic"], types: "anthropic" },
  "@google/genai": { versions: ["1.0.0", "1.52.0", "2.32.0", "3.3.0"], lanes: ["gemini", "vertex"], types: "gemini" },
  "groq-sdk": { versions: ["0.20.1", "0.37.0", "1.6.0"], lanes: ["groq"], types: "groq" },
  "cohere-ai": { versions: ["7.20.0", "7.21.0", "8.1.0"], lanes: ["cohere"], types: "cohere" },
  "@mistralai/mistralai": { versions: ["1.10.0", "1.15.1", "2.7.0"], lanes: ["mistral"], types: "mistral" },
};

const expected = {
  text: ["Dune", 10, 5, "stop"],
  stream: ["Dune", 10, 5, "stop"],
  book: { title: "Dune" },
  sums: [5, 5],
};

const given = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "callscope-majors-"));
let faults = 0;

try {
  await using server = await startMajorsServer();
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    devDependencies: Readonly<Record<string, string>>;
  };
  await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root });
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "");
  for (const [name, version] of wanted()) {
    const sdk = sdks[name] as Sdk;
    const place = join(folder, `${name}-${version}`.replaceAll("/", "-"));
    mkdirSync(place);
    writeFileSync(join(place, "package.json"), JSON.stringify({ private: true, type: "module" }));
    // Without --force: what a peer range refuses is not installed.
    const zod = sdk.zod?.[version] ?? devDependencies.zod;
    const said = await installed(place, tarball, `${name}@${version}`, `zod@${zod}`);
    if (said.length === 0) said.push(...(await ranOn(place, sdk, server.url)), ...(await typesOf(place, sdk)));
    for (const fault of said) report(name, version, fault);
    if (said.length === 0) console.log(`${name}@${version}: ${sdk.lanes.join(", ")} and the types hold.`);
    rmSync(place, { recursive: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(faults > 0 ? 1 : 0);

function report(name: string, version: string, fault: string): void {
  faults++;
  console.error(`${name}@${version}: ${fault}`);
}

function wanted(): [name: string, version: string][] {
  const named = given.filter((one) => !one.startsWith("--"));
  if (named.length > 0) {
    return named.map((one) => [one.slice(0, one.lastIndexOf("@")), one.slice(one.lastIndexOf("@") + 1)]);
  }
  const isShort = given.includes("--lowest");
  return Object.entries(sdks).flatMap(([name, { versions }]) =>
    (isShort ? versions.slice(0, 1) : versions).map((version): [string, string] => [name, version]),
  );
}

async function installed(place: string, ...packages: readonly string[]): Promise<string[]> {
  try {
    const options = ["--no-audit", "--no-fund", "--prefer-offline"];
    await run("npm", ["install", ...options, ...packages], { cwd: place });
    cpSync(join(root, "test/majors/program.mjs"), join(place, "program.mjs"));
    return [];
  } catch (error) {
    return [`is not installed: ${(error as Error).message.slice(0, 1000)}`];
  }
}

/** What the program saw that it should not have. */
async function ranOn(place: string, { lanes }: Sdk, url: string): Promise<string[]> {
  const said: string[] = [];
  for (const lane of lanes) {
    try {
      const { stdout } = await run(process.execPath, ["program.mjs", lane, url], { cwd: place, timeout: 60_000 });
      const { error, ...seen } = JSON.parse(stdout) as { readonly error: readonly unknown[] };
      // The class is the SDK's, whose name has changed.
      const isRefused = isDeepStrictEqual(error.slice(1), ["not_found", 404]);
      if (!isRefused || !isDeepStrictEqual(seen, expected)) said.push(`${lane} saw ${stdout.trim()}`);
    } catch (error) {
      said.push(`${lane}: ${(error as Error).message.slice(0, 1500)}`);
    }
  }
  return said;
}

/** Errors in the user's file, and in the library's declarations: a type that this version of the SDK does not have. */
async function typesOf(place: string, { types }: Sdk): Promise<string[]> {
  cpSync(join(root, `test/majors/types/${types}.ts`), join(place, "check.ts"));
  const compilerOptions = {
    target: "es2024",
    module: "nodenext",
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  };
  writeFileSync(join(place, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["check.ts"] }));
  try {
    await run("tsc", ["-p", "tsconfig.json"], { cwd: place });
    return [];
  } catch (error) {
    const lines = String((error as { stdout?: unknown }).stdout).split("\n");
    // An SDK's own declarations are not ours to judge. Those of a subpath that belongs to another SDK are not there.
    return lines.filter((line) => /^(?:check\.ts|node_modules\/callscope\/)/.test(line));
  }
}
