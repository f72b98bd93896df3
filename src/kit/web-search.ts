import { ConfigError } from "../errors/errors.ts";
import { checkFunction, checkOptions, wholeNumber } from "../layers/options.ts";
import { jsonSchema } from "../schema/schema.ts";
import { type Tool, tool } from "../tools/tool.ts";
import { abortable } from "./abortable.ts";
import { orFailure, ToolFailure } from "./tool-failure.ts";
import { cutText } from "./web-text.ts";

/** One thing a search found. */
export interface SearchResult {
  readonly title: string;
  readonly url: string;
  /** A few words of the page. */
  readonly snippet?: string;
}

/** A search service: asked with one query, gives at most `count` results, the best first. Its key is its own. */
export type SearchService = (
  query: string,
  options: { readonly count: number; readonly signal: AbortSignal },
) => Promise<readonly SearchResult[]>;

/** What `webSearch` takes. */
export interface WebSearchOptions {
  readonly search: SearchService;
  /** Results for each query. Default: 2. */
  readonly count?: number;
  /** The most queries at once. Default: 5. */
  readonly maxQueries?: number;
  /** Milliseconds for each query. Default: 5,000. */
  readonly timeout?: number;
}

/** What the model gives. */
export interface WebSearchArgs {
  readonly queries: readonly string[];
}

/**
 * The tool `web_search`, on a service of your choice: title, address and a few words of each result. A query that fails is
 * told as one line with the kind of its error, and the others' results are given. Throws `ConfigError`.
 */
export function webSearch(options: WebSearchOptions): Tool<"web_search", WebSearchArgs, Promise<string | ToolFailure>> {
  checkOptions("webSearch()", options, ["search", "count", "maxQueries", "timeout"]);
  const { search, count = 2, maxQueries = 5, timeout = 5_000 } = options;
  if (search === undefined) throw new ConfigError("webSearch() needs a service: give it as `search`, a function.");
  checkFunction("search", search);
  wholeNumber("count", count, 1);
  wholeNumber("maxQueries", maxQueries, 1);
  wholeNumber("timeout", timeout, 1);
  const parameters = jsonSchema<WebSearchArgs>({
    type: "object",
    properties: {
      queries: {
        type: "array",
        items: { type: "string" },
        minItems: 1,
        maxItems: maxQueries,
        description: "What to search for.",
      },
    },
    required: ["queries"],
    additionalProperties: false,
  });
  const one = async (query: string, signal: AbortSignal | undefined) => {
    const clock = AbortSignal.timeout(timeout);
    const both = signal === undefined ? clock : AbortSignal.any([signal, clock]);
    try {
      return { text: resultsText(await abortable(search(query, { count, signal: both }), both), count) };
    } catch (error) {
      signal?.throwIfAborted();
      // The service's own words may hold its key.
      return { failed: `The search failed: ${error instanceof Error ? error.name : typeof error}` };
    }
  };
  return tool({
    name: "web_search",
    description: "Searches the web and gives titles, addresses and a few words of what was found.",
    parameters,
    call: ({ queries }, { signal }) =>
      orFailure(signal, async () => {
        const found = await Promise.all(queries.map((query) => one(query, signal)));
        const text = cutText(found.map(({ text, failed }) => text ?? failed).join("\n\n"), 100_000);
        if (found.every(({ failed }) => failed !== undefined)) throw new ToolFailure("failed", text);
        return text;
      }),
  });
}

function resultsText(results: readonly SearchResult[], count: number): string {
  if (results.length === 0) return "Nothing was found.";
  const shown = results.slice(0, count);
  return shown.map(({ title, url, snippet = "" }) => [title, url, snippet].filter(Boolean).join("\n")).join("\n\n");
}
