import { pathToFileURL } from "node:url";

// Runs the examples named on the command line, one after another, each announced by a line. They share the process only
// to save its start.
for (const path of process.argv.slice(2)) {
  console.log(`\n== ${path}`);
  await import(pathToFileURL(path).href);
}
