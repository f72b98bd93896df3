import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Links of the built site that lead to no page of it, or to no place in one: a sentence each. */
export function deadLinks(dist: string): string[] {
  const pages = globSync("**/*.html", { cwd: dist });
  const texts = new Map(pages.map((page) => [page, readFileSync(join(dist, page), "utf8")]));
  const ids = new Map([...texts].map(([page, text]) => [page, new Set(matches(text, / id="([^"]+)"/g))]));
  const dead = pages.flatMap((page) =>
    [...new Set(matches(texts.get(page) ?? "", / href="([^"]+)"/g))].flatMap((href) => {
      if (/^[a-z]+:/.test(href)) return [];
      const [path = "", anchor = ""] = href.split("#");
      const target = path === "" ? page : path.replace(/^\//, "").replace(/(^|\/)$/, "$1index.html");
      if (!texts.has(target)) return existsSync(join(dist, target)) ? [] : [`${page} links to ${href}.`];
      const found = anchor === "" || ids.get(target)?.has(decodeURIComponent(anchor).replaceAll("&amp;", "&"));
      return found ? [] : [`${page} links to ${href}, a place that ${target} does not have.`];
    }),
  );
  return [...new Set(dead)];
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = ""]) => found);
}
