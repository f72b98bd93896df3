import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasMirascope, meetAll, mirascopeVersion, versionOf } from "./faults/run.ts";

// What callscope and other libraries do in the same faults: `node scripts/faults.ts` measures it and writes it to
// scripts/faults/measured.json, of which docs/coming-from/faults.md shows the table. It needs Mirascope in a python
// (`pip install 'mirascope[openai]==1.25.7'`), which CALLSCOPE_PYTHON names.
if (!hasMirascope()) throw new Error("There is no mirascope: pip install 'mirascope[openai]==1.25.7'.");
const packages = {
  callscope: "the repository",
  openai: versionOf("openai"),
  "ai-sdk": versionOf("ai"),
  langchain: versionOf("@langchain/openai"),
  instructor: versionOf("@instructor-ai/instructor"),
  mirascope: mirascopeVersion(),
};
const outcomes = await meetAll(Object.keys(packages));
const measured = { date: new Date().toISOString().slice(0, 10), packages, outcomes };
writeFileSync(join(import.meta.dirname, "faults/measured.json"), `${JSON.stringify(measured, null, 2)}\n`);
