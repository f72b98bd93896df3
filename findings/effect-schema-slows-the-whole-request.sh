#!/usr/bin/env bash
# A JSON Schema made by `JSONSchema.make` of effect is plain data, equal to its own copy to the last key. But its root had a
# property taken away while it was made, so that V8 keeps it as a dictionary, and one such object anywhere in a value takes
# `JSON.stringify` of the whole value off its fast way: a request of 100 KB with one small tool of effect's takes several times
# as long to write as with a copy of the same schema, which on Node 26 is as long as on Node 20. A frozen array in a schema does
# the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund effect@3.22.4 node@26.10.0 >/dev/null
cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { JSONSchema, Schema } from "effect";
const made = JSONSchema.make(Schema.Struct({ city: Schema.String, days: Schema.Number }));
const copied = JSON.parse(JSON.stringify(made));
const frozen = { ...copied, required: Object.freeze([...copied.required]) };
const content = "The quick brown fox jumps over the lazy dog. ".repeat(11);
const requestWith = (parameters) => ({
  model: "m",
  messages: Array.from({ length: 200 }, (_, index) => ({ role: index % 2 ? "assistant" : "user", content: `${index} ${content}` })),
  tools: [{ type: "function", function: { name: "forecast", parameters } }],
});
function microseconds(parameters) {
  const request = requestWith(parameters);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20; round++) {
    const begin = performance.now();
    for (let time = 0; time < 300; time++) JSON.stringify(request);
    best = Math.min(best, ((performance.now() - begin) / 300) * 1000);
  }
  return best;
}
const times = { copied: microseconds(copied), made: microseconds(made), frozen: microseconds(frozen) };
console.log(`effect ${JSON.parse(readFileSync("node_modules/effect/package.json", "utf8")).version}, node ${process.version}`);
console.log(`equal: ${isDeepStrictEqual(made, copied)}`);
const told = Object.entries(times).map(([name, time]) => `${name} ${time.toFixed(0)} µs (${(time / times.copied).toFixed(1)}x)`);
console.log(told.join(", "));
process.exitCode = isDeepStrictEqual(made, copied) && times.made > 2 * times.copied && times.frozen > 2 * times.copied ? 0 : 1;
JS
node_modules/.bin/node try.mjs
