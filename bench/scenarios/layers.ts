import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Figures } from "../measure.ts";
import type { Table } from "../report.ts";
import { wholeStack } from "../stacks.ts";
import type { Added } from "./layer-child.ts";

const run = promisify(execFile);
const three = "retry+limit+budget";
const stacks = [
  ...["retry", "limit", "budget", three, wholeStack].map((stack) => ["openai", stack] as const),
  ...["anthropic", "gemini"].flatMap((provider) => [[provider, three] as const, [provider, wholeStack] as const]),
];

/** What the layers that come with the package add, beside the same call without them and beside the AI SDK's middlewares. */
export async function layers(): Promise<Table[]> {
  return [await ofPackage(), await besideMiddleware()];
}

async function ofPackage(): Promise<Table> {
  const rows: (string | number)[][] = [];
  for (const [name, stack] of stacks) {
    const { call, chunk } = (await child("layers-child.ts", name, stack)) as Added;
    rows.push([name, stack, call, chunk]);
  }
  return {
    title: "Layers around a call",
    columns: ["provider", "layers", "added µs/call", "added µs/event"],
    rows,
    notes: ["CPU time above the same call of callscope on the same stub without layers."],
  };
}

async function besideMiddleware(): Promise<Table> {
  const { events, whole } = (await child("middleware-child.ts")) as Record<"events" | "whole", Figures[]>;
  const rows = whole.map(({ name, cpu, added }) => {
    const event = events.find((one) => one.name === name);
    return [name, cpu, added, event?.cpu, event?.added];
  });
  return {
    title: "Four layers beside as many middlewares of the AI SDK",
    columns: ["contender", "CPU µs/call", "added µs/call", "CPU µs/event", "added µs/event"],
    rows,
    notes: [
      "One process, all in turns, over stubs. `added` is above the same library without them. Our layers do their work, but for those that say otherwise; its middlewares do none.",
    ],
  };
}

async function child(program: string, ...args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, program), ...args]);
  return JSON.parse(stdout);
}
