import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { regionOf, wholeOf } from "../docs-regions.ts";
import { rows } from "../example-rows.ts";

// A page shows one provider and one way to write a prompt; the site has all of them in its place, of which the reader's
// choice shows one. What they are is found among the examples: a file of the same name for another provider, a region
// `name.messages` beside `name`.

const examples = resolve(import.meta.dirname, "../../examples");

/** The providers a reader can choose, in the order of the documentation. */
export const providers: readonly { readonly name: string; readonly title: string }[] = rows.map(({ name, title }) => ({
  name,
  title: name === "local" ? "Local model" : title,
}));

/** The ways to write a prompt, by the ending of their regions. The first has none. */
export const styles: readonly { readonly name: string; readonly title: string }[] = [
  { name: "text", title: "String" },
  { name: "messages", title: "Messages" },
  { name: "template", title: "Template" },
  { name: "plain", title: "Plain objects" },
];

interface Variant {
  readonly source: string;
  readonly body: readonly string[];
  /** The providers and the styles that it is shown for; none where all. */
  readonly providers?: readonly string[];
  readonly styles?: readonly string[];
}

/** The blocks that stand for an example's, and whether they are chosen among. */
export function variantsOf(source: string): readonly Variant[] {
  const [path = "", region] = source.split("#");
  return byProvider(path).flatMap(({ path, providers }) => {
    const lines = readFileSync(join(examples, path), "utf8").trimEnd().split("\n");
    const bodyOf = (name: string | undefined) => (name === undefined ? wholeOf(lines) : regionOf(lines, name));
    const found = styles.flatMap(({ name }, index) => {
      const body = bodyOf(index === 0 || region === undefined ? region : `${region}.${name}`);
      return body === undefined || (index > 0 && region === undefined) ? [] : [{ body, styles: [name] }];
    });
    const chosen = providers === undefined ? {} : { providers };
    const [first] = found;
    if (found.length < styles.length) return first === undefined ? [] : [{ source: path, body: first.body, ...chosen }];
    return found.map((variant) => ({ source: path, ...variant, ...chosen }));
  });
}

/** The same file for every provider. One that has none is shown the page's own. */
function byProvider(path: string): { path: string; providers?: readonly string[] }[] {
  const parts = /^(.*\/)(\w+)\.ts$/.exec(path);
  const shown = parts?.[2];
  if (parts === null || !providers.some(({ name }) => name === shown)) return [{ path }];
  const pathOf = (name: string) => `${parts[1]}${name}.ts`;
  const has = providers.filter(({ name }) => existsSync(join(examples, pathOf(name)))).map(({ name }) => name);
  if (has.length < 2) return [{ path }];
  const without = providers.filter(({ name }) => !has.includes(name)).map(({ name }) => name);
  return has.map((name) => ({ path: pathOf(name), providers: name === shown ? [name, ...without] : [name] }));
}
