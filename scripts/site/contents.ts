import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

// The order of the documentation, in one place: the site's sidebar and llms.txt are made of it.

/** A page of the site, by its path under docs/ without the ending. */
export interface Page {
  readonly path: string;
  /** What the sidebar calls it. */
  readonly title: string;
}

/** A part of the sidebar. */
export interface Part {
  readonly title: string;
  readonly pages: readonly Page[];
  readonly collapsed?: boolean;
}

const root = resolve(import.meta.dirname, "../..");

const page = (path: string, title: string): Page => ({ path, title });

const guide: readonly Page[] = [
  page("start", "Get started"),
  page("prompts", "Prompts"),
  page("calls", "Calls"),
  page("responses", "Responses"),
  page("streams", "Streams"),
  page("chaining", "Chaining"),
  page("structured-output", "Structured output"),
  page("tools", "Tools"),
  page("agents", "Agents"),
  page("conversations", "Conversations"),
  page("costs", "Costs"),
  page("retries-and-limits", "Retries and limits"),
  page("rows", "Rows"),
  page("testing", "Testing"),
  page("server", "In a server"),
  page("observability", "Observability"),
  page("local-model", "Local model"),
];

const more: readonly Page[] = [
  page("errors-and-limits", "Errors"),
  page("modalities", "Pictures, sound, documents"),
  page("compatibility", "Compatibility"),
  page("layers", "Layers and scopes"),
  page("calls-of-calls", "Fallback and hedge"),
  page("cache", "Cache"),
  page("observe", "Observe"),
  page("durable", "Durable calls"),
  page("tool-kit", "A kit of tools"),
  page("mcp", "MCP"),
  page("ai-sdk", "With the AI SDK"),
  page("compatible", "OpenAI-compatible services"),
  page("trace", "Traces"),
  page("terminal", "In the terminal"),
  page("runtimes", "Runtimes"),
  page("versions", "Versions"),
  page("speed", "Speed"),
  page("prices", "Prices"),
  page("guarantees", "What is guaranteed"),
];

const recipes: readonly Page[] = [
  page("programs", "Six first programs"),
  page("patterns", "Patterns of agents and judges"),
  page("recipes/servers", "Server frameworks"),
  page("recipes/keys", "Several keys of one provider"),
  page("recipes/nightly", "A nightly job"),
  page("recipes/rag", "Answers from local files"),
  page("recipes/chat", "Chat in a terminal"),
  page("recipes/panel", "Judge and panel"),
  page("recipes/evaluation", "Evaluation over a lock file"),
  page("recipes/voice", "Voice in and out"),
  page("recipes/moving", "From one provider to another"),
];

const comingFrom: readonly Page[] = [
  page("coming-from/0.1.0", "callscope 0.1.0"),
  page("coming-from/mirascope", "Mirascope"),
  page("coming-from/ai-sdk", "AI SDK"),
  page("coming-from/langchain", "LangChain.js"),
  page("coming-from/instructor", "instructor"),
  page("coming-from/sdks", "The plain SDKs"),
  page("coming-from/faults", "The same faults"),
];

const project: readonly Page[] = [
  page("changelog", "Changelog"),
  page("contributing", "Contributing"),
  page("bench", "Measurements"),
];

/** The parts of the sidebar; those of providers, errors and the reference are found, not listed. */
export const contents: Readonly<Record<"guide" | "more" | "recipes" | "comingFrom" | "project", Part>> = {
  guide: { title: "Guide", pages: guide },
  more: { title: "In depth", pages: more },
  recipes: { title: "Recipes", pages: recipes },
  comingFrom: { title: "Coming from", pages: comingFrom },
  project: { title: "Project", pages: project, collapsed: true },
};

/** Pages of docs/ that no part lists, titled by their headings: none is left out of the sidebar. */
export function unlisted(): Page[] {
  const listed = new Set(Object.values(contents).flatMap(({ pages }) => pages.map(({ path }) => path)));
  return globSync("docs/**/*.md", { cwd: root, exclude: ["docs/.vitepress/**"] })
    .map((file) => file.slice("docs/".length, -".md".length))
    .filter((path) => !listed.has(path) && !/^(?:providers|errors)\/|^(?:index|providers)$/.test(path))
    .sort()
    .map((path) => {
      const heading = /^# (.*)$/m.exec(readFileSync(join(root, "docs", `${path}.md`), "utf8"))?.[1];
      return page(path, heading ?? path);
    });
}

/** What VitePress makes its sidebar of. */
export function sidebar(parts: readonly Part[]): object[] {
  return parts.map(({ title, pages, collapsed }) => ({
    text: title,
    items: pages.map(({ path, title }) => ({ text: title, link: `/${path}` })),
    ...(collapsed !== undefined && { collapsed }),
  }));
}
