import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Outcome } from "./faults/run.ts";
import { faults } from "./faults/server.ts";
import { padded } from "./padded-table.ts";

interface Measured {
  readonly date: string;
  readonly packages: Readonly<Record<string, string>>;
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, Outcome>>>>;
}

const titles: Readonly<Record<string, string>> = {
  callscope: "callscope",
  openai: "openai SDK",
  "ai-sdk": "AI SDK",
  langchain: "LangChain.js",
  instructor: "instructor",
  mirascope: "Mirascope",
};

/** What `node scripts/faults.ts` wrote last. */
export function measuredFaults(): Measured {
  return JSON.parse(readFileSync(join(import.meta.dirname, "faults/measured.json"), "utf8")) as Measured;
}

/** The table of docs/coming-from/faults.md. */
export function faultsTable(): string {
  const { date, packages, outcomes } = measuredFaults();
  const names = Object.keys(packages);
  const head = ["", ...names.map((name) => titles[name] ?? name)];
  const cells = faults.map(({ name, title }) => [title, ...names.map((one) => cellOf(outcomes[name]?.[one]))]);
  const versions = names.slice(1).map((name) => `${titles[name]} ${packages[name]}`);
  return `${padded(head, cells)}\n\nMeasured on ${date} with ${versions.join(", ")}.`;
}

function cellOf(outcome: Outcome | undefined): string {
  if (outcome === undefined || outcome.absent) return "";
  const { error, code, value, finish, requests } = outcome;
  const asked = requests > 1 ? `, after ${requests} requests` : "";
  if (error !== undefined) {
    const own = error === "StreamError" && code ? `, \`${code}\`` : "";
    return `throws \`${error}\`${own}${asked}`;
  }
  const text = value === "" ? "no text" : typeof value === "string" ? "the two words" : "a value";
  return `${text}; says ${finish == null ? "nothing" : `\`${String(finish)}\``}`;
}
