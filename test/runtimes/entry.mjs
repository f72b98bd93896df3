import { run } from "./library.mjs";

// For a runtime that runs files: the report on one line.
console.log(JSON.stringify(await run(process.argv[2])));
// What an SDK keeps open is no matter of the test's.
process.exit(0);
