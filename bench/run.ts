import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { combined } from "./combined.ts";
import { linePlot } from "./line-plot.ts";
import { type Table, toText } from "./report.ts";
import { scenarios } from "./scenarios.ts";
import { ratioPlot, summarized } from "./summary.ts";

// npm run bench -- [--no-build] [--quick] [--long] [--docs] [scenario …]
const folder = import.meta.dirname;
const args = process.argv.slice(2);
const asked = args.filter((name) => !name.startsWith("--"));
const unknown = asked.find((name) => !Object.hasOwn(scenarios, name));
if (unknown !== undefined) {
  console.error(`There is no scenario "${unknown}"; there are ${Object.keys(scenarios).join(", ")}.`);
  process.exit(1);
}
// No scenario takes two minutes on two free cores; one that hangs must not hold up the rest.
const limit = 900_000;

// V8 compiles the same program in one way or another: a whole call took 0.9 times what it does by the SDK in most processes,
// and 1.25 in some. So what is compared over HTTP is measured in three, of which the medians count.
const overHttp: readonly string[] = ["call", "big-call", "stream", "anthropic", "arguments", "extract"];
const processes = 3;

function build(): void {
  const { status } = spawnSync("npm", ["run", "--silent", "build"], { cwd: dirname(folder), stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

async function startServer(): Promise<{ server: ChildProcess; origin: string }> {
  const server = fork(join(folder, "server.ts"));
  const [port] = (await once(server, "message")) as [number];
  return { server, origin: `http://127.0.0.1:${port}` };
}

/** The tables of one scenario. */
async function measured(name: string, origin: string): Promise<Table[]> {
  const runs: Table[][] = [];
  const count = overHttp.includes(name) && !args.includes("--quick") ? processes : 1;
  while (runs.length < count) runs.push(await measuredOnce(name, origin));
  return combined(runs.filter((tables) => tables.length > 0));
}

/** The same, measured in a process of its own; none where it failed, which it told. */
async function measuredOnce(name: string, origin: string): Promise<Table[]> {
  const child = fork(join(folder, "scenario.ts"), [name, origin], {
    execArgv: ["--no-deprecation"],
    // As JSON, what is `undefined` in a table would come as `null`.
    serialization: "advanced",
    timeout: limit,
  });
  let tables: Table[] | undefined;
  child.on("message", (message) => {
    tables = message as Table[];
  });
  await once(child, "exit");
  if (tables === undefined) {
    console.error(`The scenario "${name}" failed or took more than ${limit / 1000} s.`);
    process.exitCode = 1;
  }
  return tables ?? [];
}

/** Writes the pictures of all tables. */
function draw(tables: readonly Table[], into: string): void {
  mkdirSync(into, { recursive: true });
  for (const { plot } of tables) if (plot !== undefined) writeFileSync(join(into, `${plot.file}.svg`), linePlot(plot));
  const rows = tables.flatMap(({ summary }) => summary ?? []);
  if (rows.length > 0) writeFileSync(join(into, "ratios.svg"), ratioPlot(rows));
}

// Five rounds of everything at most.
if (args.includes("--quick")) process.env.BENCH_QUICK = "1";
// Those who take quadratic time are asked for the longer arrays, too.
if (args.includes("--long")) process.env.BENCH_LONG = "1";
if (!args.includes("--no-build")) build();
const date = new Date();
const machine = { node: process.version, cores: availableParallelism(), processor: cpus()[0]?.model, date };
const load = () => loadavg().map((value) => value.toFixed(1));
const before = load();
console.log(
  `${date.toISOString()}, Node ${machine.node}, ${machine.cores} cores (${machine.processor}), load ${before.join(" ")}\n`,
);
const { server, origin } = await startServer();
const results: Record<string, { seconds: number; tables: Table[] }> = {};
const stamp = date.toISOString().replaceAll(":", "-");
const file = join(folder, "results", `${stamp}.json`);
// Pictures of the documentation are drawn anew on demand only: they belong to the figures that are written there.
const pictures = args.includes("--docs") ? join(dirname(folder), "docs", "plots") : join(folder, "results", stamp);

/** Writes what is there so far: a run that is ended early has not been for nothing. */
function write(): Table | undefined {
  const tables = Object.values(results).flatMap((one) => one.tables);
  const summary = summarized(tables.flatMap((table) => table.summary ?? []));
  draw(tables, pictures);
  const loads = { before, after: load() };
  writeFileSync(file, `${JSON.stringify({ ...machine, loads, results, summary }, undefined, 2)}\n`);
  return summary;
}

mkdirSync(dirname(file), { recursive: true });
try {
  for (const name of asked.length > 0 ? asked : Object.keys(scenarios)) {
    const start = performance.now();
    const tables = await measured(name, origin);
    const seconds = Math.round((performance.now() - start) / 1000);
    results[name] = { seconds, tables };
    write();
    console.log(`${tables.map(toText).join("\n")}(${name}: ${seconds} s, load ${load()[0]})\n`);
  }
} finally {
  server.disconnect();
  const summary = write();
  if (summary !== undefined) console.log(toText(summary));
  console.log(`Load at the end ${load().join(" ")}. Written to ${file}`);
}
