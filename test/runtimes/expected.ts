import { names } from "./providers.ts";

/** What the program reports on every runtime. */
export const everywhere = {
  smoke: {
    call: ["Dune", 0.0000045, 10],
    stream: [["Größe ", "🚀 ", "Dune"], 0.0000045, ["stop"]],
    structured: { title: "Dune", pages: 412 },
    grown: { title: "Dune", pages: 412 },
    loop: ["done", 2, "5"],
    picture: "data:image/jpeg;base64,/9j/4AAQSkZJRgAB",
    layers: [
      [false, true],
      ["request", "response", "request", "response"],
    ],
    traced: true,
    text: "Größe 🚀 Dune",
    events: ["event: chunk", "event: chunk", "event: chunk", "event: done"],
    refused: [true, "not_found", 404],
    cut: ["StreamError", "Du"],
    aborted: "aborted",
    late: "timeout",
  },
  providers: Object.fromEntries(names.map((name) => [name, "Dune Dune"])),
} as const;

/** What Node, Bun and Deno can. */
export const onServers = {
  scope: "works",
  sqlite: "works",
  file: 'PromptError: image() cannot read the file "./none.png" (ENOENT).',
  rows: "works",
  traceFile: "works",
  local: "works",
} as const;

/** What a browser and a worker say instead. */
export const elsewhere = {
  scope:
    "ConfigError: within() needs AsyncLocalStorage, which this runtime does not have: give the same to each call by .with().",
  sqlite: "ConfigError: sqliteStore() needs node:sqlite, which this runtime does not have: Node has it from 22.13.",
  file: "PromptError: image() got the path of a file, and this runtime has no files: give the bytes, a Blob or an address.",
  rows: "ConfigError: This runtime has no node:crypto, which rows and their journal need: Node 22.13 or later has it.",
  traceFile: "ConfigError: trace() got the path of a file, and this runtime has no files: give { write(line) }.",
  local:
    "ConfigError: callscope/local runs a model inside the process, which this runtime cannot: Node, Bun and Deno can. Name a model of another provider here.",
} as const;
