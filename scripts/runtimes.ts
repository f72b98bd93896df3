import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

// The runtimes that the tests run the built package on, beside the Node they run on themselves: as binaries, at exact
// versions, in a folder of their own that no lockfile knows. `node scripts/runtimes.ts` installs them.
const folder = resolve(import.meta.dirname, "../.cache/runtimes");

const { platform, arch } = process;

interface Runtime {
  /** The package of this system's binary. */
  readonly package: string;
  /** Where it is installed; several versions of one package need names of their own. */
  readonly folder?: string;
  readonly version: string;
  readonly file: string;
}

const bunArch = arch === "arm64" ? "aarch64" : arch;
const denoSystem = platform === "linux" ? `linux-${arch}-glibc` : `${platform}-${arch}`;

const runtimes = {
  "node-22": { package: `node-${platform}-${arch}`, folder: "node-22", version: "22.23.3", file: "bin/node" },
  "node-24": { package: `node-${platform}-${arch}`, folder: "node-24", version: "24.9.0", file: "bin/node" },
  bun: { package: `@oven/bun-${platform}-${bunArch}`, version: "1.4.5", file: "bin/bun" },
  deno: { package: `@deno/${denoSystem}`, version: "2.9.6", file: "deno" },
  workerd: {
    package: `@cloudflare/workerd-${platform}-${arch === "x64" ? "64" : arch}`,
    version: "1.20261117.1",
    file: "bin/workerd",
  },
} as const satisfies Readonly<Record<string, Runtime>>;

/** A runtime that is no devDependency. */
export type RuntimeName = keyof typeof runtimes;

const list: Readonly<Record<RuntimeName, Runtime>> = runtimes;

/** Its binary; `undefined` where it is not installed. */
export function runtimePath(name: RuntimeName): string | undefined {
  const { package: of, folder: own, file } = list[name];
  const path = join(folder, "node_modules", own ?? of, file);
  return existsSync(path) ? path : undefined;
}

function install(): void {
  const wanted = Object.values(list).map(({ package: of, folder: own, version }) => {
    const exact = `${of}@${version}`;
    return own === undefined ? exact : `${own}@npm:${exact}`;
  });
  const quiet = ["--no-audit", "--no-fund", "--loglevel", "error"];
  const options = ["--no-save", "--ignore-scripts", ...quiet, "--prefix", folder];
  // They are large: what a slow network broke off is gone on with from npm's cache.
  for (let left = 2; ; left--) {
    try {
      execFileSync("npm", ["install", ...options, ...wanted], { stdio: "inherit" });
      return;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

if (import.meta.main) install();
