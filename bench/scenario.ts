import { scenarios } from "./scenarios.ts";

// Run by itself for one scenario, so that none inherits the heap and the compiled code of another.
const [name = "", origin = ""] = process.argv.slice(2);
const tables = await scenarios[name]?.(origin);
// The exit waits until the parent has it all: connections that are kept alive would hold the process open.
process.send?.(tables, () => process.exit());
