// The same by `require`.
const { run } = require("./library.mjs");

run(process.argv[2]).then((report) => {
  console.log(JSON.stringify(report));
  process.exit(0);
});
