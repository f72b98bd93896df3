import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Fault, faults, startFault } from "./server.ts";

// Every library meets every fault.

/** What came of one library and one fault. */
export interface Outcome {
  readonly absent?: boolean;
  readonly value?: unknown;
  /** How it ended, as the library tells it. */
  readonly finish?: unknown;
  readonly error?: string;
  readonly status?: number | null;
  readonly code?: string;
  readonly cause?: string;
  readonly message?: string;
  /** How many requests the server saw. */
  readonly requests: number;
}

const python = process.env.CALLSCOPE_PYTHON ?? "python3";

/** The libraries, with how their child is started. */
const libraries: Readonly<Record<string, (asks: string, url: string) => readonly [string, string[]]>> = {
  ...Object.fromEntries(
    ["callscope", "openai", "ai-sdk", "langchain", "instructor"].map((name) => [
      name,
      (asks: string, url: string) =>
        [process.execPath, [join(import.meta.dirname, "child.ts"), name, asks, url]] as const,
    ]),
  ),
  mirascope: (asks, url) => [python, [join(import.meta.dirname, "child.py"), asks, url]],
};

export const hasMirascope = (): boolean => spawnSync(python, ["-c", "import mirascope.core.openai"]).status === 0;

/** One library and one fault. A run that takes longer than two minutes is an outcome, too. */
export async function meet(library: string, fault: Fault): Promise<Outcome> {
  const server = await startFault(fault);
  try {
    const [command, args] = libraries[library]?.(fault.asks, server.url) ?? ["", []];
    const { PATH = "", HOME = "" } = process.env;
    const { stdout } = await promisify(execFile)(command, args, { timeout: 120_000, env: { PATH, HOME } });
    const last = stdout.trim().split("\n").at(-1) ?? "{}";
    return { ...JSON.parse(last), requests: server.requests() };
  } catch (error) {
    return { error: "no end", message: String(error), requests: server.requests() };
  } finally {
    await server.close();
  }
}

/** Every outcome, by fault and library. */
export async function meetAll(names: readonly string[]): Promise<Record<string, Record<string, Outcome>>> {
  const all: Record<string, Record<string, Outcome>> = {};
  for (const fault of faults) {
    const outcomes = names.map(async (name) => [name, await meet(name, fault)] as const);
    all[fault.name] = Object.fromEntries(await Promise.all(outcomes));
  }
  return all;
}

/** The version of an installed package. */
export function versionOf(name: string): string {
  const file = join(import.meta.dirname, "../../node_modules", name, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** What python has of Mirascope. */
export function mirascopeVersion(): string {
  const code = "from importlib.metadata import version as v; print(v('mirascope'))";
  return spawnSync(python, ["-c", code], { encoding: "utf8" }).stdout.trim();
}
