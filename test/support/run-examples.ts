import { pathToFileURL } from "node:url";
import { within } from "callscope";
import { fake } from "callscope/testing";

// Runs the examples named on the command line, one after another, each announced by a line. They share the process only
// to save its start. With EXAMPLES_FAKE the library answers for itself, in the form of each provider's SDK.
const runAll = async () => {
  for (const path of process.argv.slice(2)) {
    console.log(`\n== ${path}`);
    await import(pathToFileURL(path).href);
  }
};

if (process.env.EXAMPLES_FAKE === undefined) await runAll();
else await within({ layers: [fake()] }, runAll);
