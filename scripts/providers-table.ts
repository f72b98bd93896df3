import { rows } from "./example-rows.ts";
import { padded } from "./padded-table.ts";

const head = ["provider", "install", "key", "call"];

/** The table of providers, from the same rows as the examples; `pages` is the folder of their pages, from where it stands. */
export function providersTable(pages: string): string {
  const cells = rows.map(({ name, title, package: sdk, key, model }) => [
    `[${title}](${pages}/${name}.md)`,
    `\`npm install callscope ${sdk}\``,
    key.split(" ").map(asCode).join(" "),
    `\`${name}.call("${model}", prompt)\``,
  ]);
  return padded(head, cells);
}

/** The name of a variable as code, any other word as it is. */
function asCode(word: string): string {
  const name = word.replace(/,$/, "");
  return /^[A-Z_]+$/.test(name) && name.includes("_") ? word.replace(name, `\`${name}\``) : word;
}
