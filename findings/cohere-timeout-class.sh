#!/usr/bin/env bash
# cohere-ai exports CohereTimeoutError, whose name says what `timeoutInSeconds` would throw. A request that takes longer is
# thrown as something else: whoever catches by that class catches nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund cohere-ai@8.1.0 >/dev/null
cat > try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const { CohereClientV2, CohereTimeoutError, CohereError } = require("cohere-ai");
const server = createServer(() => {}).listen(0, "127.0.0.1", async () => {
  const client = new CohereClientV2({ token: "key", environment: `http://127.0.0.1:${server.address().port}` });
  const error = await client
    .chat({ model: "m", messages: [{ role: "user", content: "hi" }] }, { timeoutInSeconds: 0.2, maxRetries: 0 })
    .catch((thrown) => thrown);
  console.log(`cohere-ai ${JSON.parse(readFileSync("node_modules/cohere-ai/package.json", "utf8")).version}`);
  console.log(`thrown: ${error.constructor.name}, ${error.message}`);
  console.log(`instanceof CohereTimeoutError: ${error instanceof CohereTimeoutError}`);
  console.log(`instanceof CohereError: ${error instanceof CohereError}`);
  server.closeAllConnections();
  server.close();
  process.exitCode = error instanceof CohereTimeoutError ? 1 : 0;
});
JS
node try.mjs
