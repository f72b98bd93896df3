import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { checkSuites } from "./check-suites.ts";

// The package as a user gets it: packed, linted, installed into an empty folder, type-checked against the contract that
// lies beside the repository, and used for a call over HTTP.

const root = resolve(import.meta.dirname, "..");
const contract = join(root, "../shared/contract");
const folder = mkdtempSync(join(tmpdir(), "callscope-package-"));
const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  devDependencies: Record<string, string>;
};

const run = (command: string, args: string[], cwd = folder, env: Record<string, string> = {}) =>
  execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });

/** The areas of the contract that hold. */
const areas = [
  "calls.contract.ts",
  "around/seam.contract.ts",
  "around/loop.contract.ts",
  "around/layers.contract.ts",
  "around/http.contract.ts",
  "around/testing.contract.ts",
  "around/rows.contract.ts",
  "around/compatible.contract.ts",
];

try {
  run("npm", ["pack", "--silent", "--pack-destination", folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no tarball.");
  run("publint", ["--strict", join(folder, tarball)], root);
  run("attw", [join(folder, tarball), "--profile", "esm-only", "--format", "ascii"], root);
  install(tarball);
  checkContract();
  await checkCall();
  checkCommand();
  checkSuites(folder, devDependencies.vitest ?? "", add);
  checkMissingPeers();
  checkMissingSdk();
  console.log("The packed package installs, type-checks and answers.");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function install(tarball: string): void {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const wanted = [
    "openai",
    "@anthropic-ai/sdk",
    "zod",
    "valibot",
    "@valibot/to-json-schema",
    "arktype",
    "typescript",
    "@types/node",
  ];
  const versions = wanted.map((name) => `${name}@${devDependencies[name]}`);
  add(`./${tarball}`, ...versions);
}

function add(...packages: string[]): void {
  run("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefer-offline", ...packages]);
}

function checkContract(): void {
  if (!existsSync(contract)) {
    if (process.env.CI) throw new Error("The type contract is not at ../shared/contract.");
    console.log("The type contract is not at ../shared/contract: not checked.");
    return;
  }
  cpSync(contract, join(folder, "contract"), { recursive: true });
  const config = join(folder, "contract/tsconfig.json");
  const { compilerOptions } = JSON.parse(readFileSync(config, "utf8")) as { compilerOptions: object };
  writeFileSync(config, JSON.stringify({ compilerOptions, files: areas }));
  run(join(folder, "node_modules/.bin/tsc"), ["-p", "contract/tsconfig.json"]);
}

/** The first program of the README, typed and run, against a server that answers as OpenAI's does. */
async function checkCall(): Promise<void> {
  writeFileSync(
    join(folder, "first.ts"),
    `import { openai } from "callscope/openai";
const recommendBook = openai.call("gpt-4o-mini", (genre: string) => \`Recommend a \${genre} book\`);
const response = await recommendBook("fantasy");
console.log(response.content, response.cost);
`,
  );
  const options = [
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--target",
    "es2023",
    "--module",
    "nodenext",
    "--types",
    "node",
  ];
  run(join(folder, "node_modules/.bin/tsc"), [...options, "first.ts"]);
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(Buffer.concat(await request.toArray()).toString());
    const message = { role: "assistant", content: "Dune", refusal: null };
    response.setHeader("content-type", "application/json").end(
      JSON.stringify({
        id: "chatcmpl-1",
        object: "chat.completion",
        created: 1,
        model: "gpt-4o-mini",
        choices: [{ index: 0, message, finish_reason: "stop", logprobs: null }],
        usage: { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 },
      }),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const { promise, resolve: finish, reject } = Promise.withResolvers<string>();
  const { execFile } = await import("node:child_process");
  const env = { ...process.env, OPENAI_API_KEY: "test", OPENAI_BASE_URL: address };
  execFile("node", ["first.ts"], { cwd: folder, env }, (error, output) => (error ? reject(error) : finish(output)));
  const printed = await promise.finally(() => server.close());
  const sent = JSON.stringify({
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: "Recommend a fantasy book" }],
  });
  if (printed !== "Dune 0.15\n" || bodies.join() !== sent) {
    throw new Error(`The installed package answered ${JSON.stringify(printed)} and sent ${bodies.join()}`);
  }
}

/** The command as npm links it, on a module of the package's user. */
function checkCommand(): void {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const command = join(folder, "node_modules/.bin/callscope");
  const said = run(command, ["--version"]).trim();
  if (said !== version) throw new Error(`callscope --version of ${version} said ${said}.`);
  const call = 'export const greet = openai.call("gpt-5.6-sol", (name: string) => "Greet " + name);';
  const samples = 'export const samples = [{ call: greet, args: ["Ada"] }];';
  writeFileSync(join(folder, "greet.ts"), `import { openai } from "callscope/openai";\n${call}\n${samples}\n`);
  run(command, ["lock", "greet.ts"]);
  run(command, ["lock", "greet.ts", "--check"]);
  const locked = readFileSync(join(folder, "prompts/greet.greet.md"), "utf8");
  if (!locked.includes("\nGreet Ada\n")) throw new Error(`callscope lock wrote ${locked}`);
}

/** Subpaths load without what is optional, and name the package that is missing when it is needed. */
function checkMissingPeers(): void {
  const needed: readonly (readonly [code: string, subpath: string, packageName: string])[] = [
    [
      'import { connectMcp } from "callscope/mcp"; await connectMcp({ url: "http://127.0.0.1:9" })',
      "mcp",
      "@modelcontextprotocol/client",
    ],
    [
      'import { mcpServer } from "callscope/mcp"; await mcpServer({ name: "x", version: "1" }).create()',
      "mcp",
      "@modelcontextprotocol/server",
    ],
    [
      'import { fetchPage } from "callscope/tools"; await fetchPage().call({ url: "http://127.0.0.1:9" }, { toolCallId: "" })',
      "tools",
      "undici",
    ],
  ];
  for (const [code, subpath, packageName] of needed) {
    const [imported = "", work = ""] = code.split("; ");
    const program = `${imported}; try { ${work}; } catch (error) { console.log(error.message); }`;
    const printed = run("node", ["--input-type=module", "-e", program]).trim();
    const expected = `callscope/${subpath} needs the package "${packageName}": run \`npm install ${packageName}\`.`;
    if (printed !== expected) throw new Error(`Without ${packageName} the package said: ${printed}`);
  }
}

function checkMissingSdk(): void {
  rmSync(join(folder, "node_modules/openai"), { recursive: true });
  const program = `import { openai } from "callscope/openai";
try { await openai.call("gpt-4o-mini", () => "Hi")(); } catch (error) { console.log(error.name + ": " + error.message); }`;
  const printed = run("node", ["--input-type=module", "-e", program]).trim();
  const expected = 'MissingPackageError: callscope/openai needs the package "openai": run `npm install openai`.';
  if (printed !== expected) throw new Error(`Without the SDK the package said: ${printed}`);
}
