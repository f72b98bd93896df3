#!/usr/bin/env bash
# `biome format --write` of a Markdown file takes the YAML of its front matter for text: nested keys lose their indentation and
# lists are joined to the line before. What reads the page then (here: a parser of YAML) finds other data, or none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @biomejs/biome@2.6.8 yaml@2.8.1 >/dev/null
echo '{}' > biome.json
printf -- '---\nhero:\n  name: a\n  actions:\n    - text: Go\n---\n\n# A\n' > page.md
cat > read.mjs <<'JS'
import { readFileSync } from "node:fs";
import { parse } from "yaml";
try {
  console.log(JSON.stringify(parse(readFileSync("page.md", "utf8").split(/^---$/m)[1])));
} catch (error) {
  console.log(error.name);
}
JS
npx biome --version
before=$(node read.mjs)
npx biome format --write page.md
after=$(node read.mjs)
cat page.md
echo "before: $before"
echo "after:  $after"
[ "$before" = '{"hero":{"name":"a","actions":[{"text":"Go"}]}}' ] && [ "$before" != "$after" ]
