import { type Profiler, Session } from "node:inspector";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const source = resolve(import.meta.dirname, "../../src");

// From the import of this file on, so that code which is compiled later is counted block by block. Within one thread the
// answers come at once.
const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });

/**
 * How many steps of our own code `work` takes: how often its functions and their blocks are run, as V8 counts them. It is
 * the same number on a busy machine. What built-in functions do within one step is not seen.
 */
export function stepsOf(work: () => void): number {
  take();
  work();
  const ours = take().filter(({ url }) => (url.startsWith("file:") ? fileURLToPath(url) : url).startsWith(source));
  const blocks = ours.flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges));
  return blocks.reduce((sum, { count }) => sum + count, 0);
}

/** What was counted since it was last taken. */
function take(): Profiler.ScriptCoverage[] {
  let scripts: Profiler.ScriptCoverage[] = [];
  session.post("Profiler.takePreciseCoverage", (error, { result }) => {
    if (error) throw error;
    scripts = result;
  });
  return scripts;
}
