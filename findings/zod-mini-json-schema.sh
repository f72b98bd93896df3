#!/usr/bin/env bash
# A schema of zod 4 tells its own JSON Schema through Standard JSON Schema (`schema["~standard"].jsonSchema`). The same schema
# made by zod/mini, of the same package and version, does not: a library that reads the standard alone takes one and not the other.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund zod@4.6.7 >/dev/null
cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import * as z from "zod";
import * as mini from "zod/mini";
console.log(`zod ${JSON.parse(readFileSync("node_modules/zod/package.json", "utf8")).version}`);
const told = [z, mini].map((made) => typeof made.object({ title: made.string() })["~standard"].jsonSchema);
console.log(`zod: ${told[0]}, zod/mini: ${told[1]}`);
console.log("z.toJSONSchema takes both:", JSON.stringify(z.toJSONSchema(mini.object({ title: mini.string() })).properties));
process.exitCode = told[0] === "object" && told[1] === "undefined" ? 0 : 1;
JS
node try.mjs
