import { jsonSchema } from "../schema/schema.ts";
import { type Tool, tool } from "../tools/tool.ts";
import { pageText } from "./page-text.ts";
import { orFailure, ToolFailure } from "./tool-failure.ts";
import { toWebRules, type WebOptions, type WebRules } from "./web-options.ts";
import { webRequest } from "./web-request.ts";
import { cutText, mediaTypeOf, textOfAnswer } from "./web-text.ts";

/** What the model gives. */
export interface FetchPageArgs {
  readonly url: string;
}

const parameters = jsonSchema<FetchPageArgs>({
  type: "object",
  properties: { url: { type: "string", description: "The address of the page, with http or https." } },
  required: ["url"],
  additionalProperties: false,
});

/**
 * The tool `fetch_page`: the text of a page, as a person reads it, without its menus and scripts. Only the public internet
 * over http and https is reached. What fails is given as a `ToolFailure`, which the model is told. Needs the packages
 * `undici`, `ipaddr.js` and `html-to-text`. Throws `ConfigError` for options.
 */
export function fetchPage(options: WebOptions = {}): Tool<"fetch_page", FetchPageArgs, Promise<string | ToolFailure>> {
  const rules = toWebRules("fetchPage()", options);
  return tool({
    name: "fetch_page",
    description: "Gets the text of a web page.",
    parameters,
    call: ({ url }, { signal }) => orFailure(signal, () => read(url, rules, signal)),
  });
}

async function read(url: string, rules: WebRules, signal: AbortSignal | undefined): Promise<string> {
  const accept = "text/html, application/xhtml+xml, text/*;q=0.9, application/json;q=0.8";
  const answer = await webRequest({ url, method: "GET", headers: { accept } }, rules, signal);
  if (answer.status < 200 || answer.status > 299) {
    throw new ToolFailure("failed", `The page answered ${answer.status} ${answer.statusText}`.trim());
  }
  const text = textOfAnswer(answer);
  const isPage = ["text/html", "application/xhtml+xml"].includes(mediaTypeOf(answer));
  const readable = isPage ? await pageText(text, rules.timeout, signal) : text;
  return readable.trim() === "" ? "The page has no text." : cutText(readable, rules.maxCharacters);
}
