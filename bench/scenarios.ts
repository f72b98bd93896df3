import type { Table } from "./report.ts";

/** What can be measured, by the name given on the command line, in the order of a whole run. */
export const scenarios: Readonly<Record<string, (origin: string) => Promise<Table[]>>> = {
  call: async (origin) => (await import("./scenarios/call.ts")).smallCall(origin),
  "big-call": async (origin) => (await import("./scenarios/call.ts")).bigCall(origin),
  stream: async (origin) => (await import("./scenarios/stream.ts")).textStream(origin),
  paced: async (origin) => (await import("./scenarios/stream.ts")).pacedStream(origin),
  anthropic: async (origin) => (await import("./scenarios/stream.ts")).anthropicStream(origin),
  arguments: async (origin) => (await import("./scenarios/tool-arguments.ts")).toolArguments(origin),
  extract: async (origin) => (await import("./scenarios/extract.ts")).extraction(origin),
  layer: async () => (await import("./scenarios/layer.ts")).layer(),
  layers: async () => (await import("./scenarios/layers.ts")).layers(),
  growth: async (origin) => (await import("./scenarios/growth.ts")).growth(origin),
  connections: async (origin) => (await import("./scenarios/connections.ts")).connections(origin),
  import: async () => (await import("./scenarios/imports.ts")).imports(),
  memory: async (origin) => (await import("./scenarios/memory.ts")).memory(origin),
  rows: async (origin) => (await import("./scenarios/rows.ts")).rowsLive(origin),
  "rows-memory": async () => (await import("./scenarios/rows.ts")).rowsMemory(),
  "rows-resume": async () => (await import("./scenarios/rows.ts")).rowsResume(),
  types: async () => (await import("./scenarios/types.ts")).types(),
  items: async (origin) => (await import("./scenarios/items.ts")).streamedItems(origin),
};
