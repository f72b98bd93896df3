import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import * as fault from "./support/fault-server.ts";

// The SDKs come twice, once for `import` and once for `require`: docs/errors-and-limits.md says what that means.
const root = resolve(import.meta.dirname, "..");

test.each([
  ["openai", "openai", "OPENAI_BASE_URL", "OPENAI_API_KEY"],
  ["groq", "groq-sdk", "GROQ_BASE_URL", "GROQ_API_KEY"],
  ["anthropic", "@anthropic-ai/sdk", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"],
])(
  "[I6] a CommonJS program, %s: with a client of its own the error is of the class it has",
  async (name, sdk, url, key) => {
    await using server = await fault.startServer(fault.status(404, { error: { message: "no such model" } }));
    const folder = await mkdtemp(join(tmpdir(), "callscope-commonjs-"));
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    const program = `
    const SDK = require(${JSON.stringify(sdk)});
    const { call } = require(${JSON.stringify(join(root, `src/providers/${name}/index.ts`))});
    const { classify } = require(${JSON.stringify(join(root, "src/index.ts"))});
    (async () => {
      const seen = [];
      for (const client of [undefined, new SDK()]) {
        const error = await call("m", client ? { client } : {}, () => "hi")().catch((error) => error);
        seen.push([error instanceof SDK.NotFoundError, error.constructor.name, classify(error).kind]);
      }
      console.log(JSON.stringify(seen));
    })();
  `;
    await writeFile(join(folder, "program.cjs"), program);
    const env = { ...process.env, [url]: server.url, [key]: "k", NODE_NO_WARNINGS: "1" };
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "program.cjs")], { env });
    expect(JSON.parse(stdout)).toEqual([
      [false, "NotFoundError", "not_found"],
      [true, "NotFoundError", "not_found"],
    ]);
    await rm(folder, { recursive: true });
  },
);
