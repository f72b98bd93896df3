import { ConfigError } from "../errors/errors.ts";
import { jsonSchema } from "../schema/schema.ts";
import { type Tool, tool } from "../tools/tool.ts";
import { orFailure, ToolFailure } from "./tool-failure.ts";
import { toWebRules, type WebOptions, type WebRules } from "./web-options.ts";
import { type WebAnswer, webRequest } from "./web-request.ts";
import { cutText, isText, mediaTypeOf, textOfAnswer } from "./web-text.ts";

/** A method that the tool can send. */
export type HttpMethod = "GET" | "HEAD" | "OPTIONS" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What bounds the tool. */
export interface HttpRequestOptions extends WebOptions {
  /** The methods the model may use. Default: GET, HEAD and OPTIONS, which change nothing. */
  readonly methods?: readonly HttpMethod[];
}

/** What the model gives. */
export interface HttpRequestArgs {
  readonly url: string;
  readonly method?: HttpMethod;
  readonly params?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON value as the body. */
  readonly json?: unknown;
  /** Text as the body. */
  readonly data?: string;
  readonly follow_redirects?: boolean;
}

const methods: readonly HttpMethod[] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
const harmless: readonly HttpMethod[] = ["GET", "HEAD", "OPTIONS"];
// What frames a message or names its receiver is the connection's, not the model's.
const reserved =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|expect|te|trailer|keep-alive|proxy-.*)$/i;

/**
 * The tool `http_request`: one request, and the text of its answer. Only the public internet is reached, and only by GET,
 * HEAD and OPTIONS unless `methods` says otherwise. What fails, a status outside 200 to 299 among it, is given as a
 * `ToolFailure`, which the model is told. Needs the packages `undici` and `ipaddr.js`. Throws `ConfigError` for options.
 */
export function httpRequest(
  options: HttpRequestOptions = {},
): Tool<"http_request", HttpRequestArgs, Promise<string | ToolFailure>> {
  const rules = toWebRules("httpRequest()", options, ["methods"]);
  const allowed = options.methods ?? harmless;
  const wrong = allowed.find((method) => !methods.includes(method));
  if (wrong !== undefined || allowed.length === 0) {
    throw new ConfigError(`\`methods\` has at least one of ${methods.join(", ")}; it was given ${String(wrong)}.`);
  }
  return tool({
    name: "http_request",
    description: "Sends an HTTP request and gives the text of the answer.",
    parameters: parametersOf(allowed),
    call: (args, { signal }) => orFailure(signal, () => ask(args, rules, signal)),
  });
}

function parametersOf(allowed: readonly HttpMethod[]) {
  const texts = { type: "object", additionalProperties: { type: "string" } };
  const writes = allowed.some((method) => !harmless.includes(method));
  return jsonSchema<HttpRequestArgs>({
    type: "object",
    properties: {
      url: { type: "string", description: "The address, with http or https." },
      method: { type: "string", enum: allowed, default: allowed[0] },
      params: { ...texts, description: "Added to the query of the address." },
      headers: texts,
      ...(writes && {
        json: { description: "A JSON value to send as the body." },
        data: { type: "string", description: "Text to send as the body." },
      }),
      follow_redirects: { type: "boolean", default: true },
    },
    required: ["url"],
    additionalProperties: false,
  });
}

async function ask(args: HttpRequestArgs, rules: WebRules, signal: AbortSignal | undefined): Promise<string> {
  const { method = "GET", params = {}, follow_redirects: followRedirects = true } = args;
  const url = URL.parse(args.url);
  for (const [name, value] of Object.entries(params)) url?.searchParams.append(name, value);
  const { headers, body } = contentOf(args);
  const request = { url: url?.href ?? args.url, method, headers, followRedirects, ...(body !== undefined && { body }) };
  const answer = await webRequest(request, rules, signal);
  const text = textOf(answer, method);
  if (answer.status >= 200 && answer.status <= 299) return cutText(text, rules.maxCharacters);
  throw new ToolFailure("failed", cutText(`${statusOf(answer)}\n${text}`.trim(), rules.maxCharacters));
}

function contentOf(args: HttpRequestArgs): { headers: Record<string, string>; body: string | undefined } {
  const { method = "GET", json, data } = args;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(args.headers ?? {})) {
    if (reserved.test(name)) throw new ToolFailure("refused", `The header "${name}" is not the model's to set.`);
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\r\n\0]/.test(value)) {
      throw new ToolFailure("refused", `The header ${JSON.stringify(name.slice(0, 80))} is not a valid one.`);
    }
    headers[name.toLowerCase()] = value;
  }
  if (json !== undefined && data !== undefined) throw new ToolFailure("refused", "Give `json` or `data`, not both.");
  const body = json === undefined ? data : JSON.stringify(json);
  if (body === undefined) return { headers, body };
  if (harmless.includes(method)) throw new ToolFailure("refused", `A ${method} request has no body.`);
  if (json !== undefined) headers["content-type"] ??= "application/json";
  return { headers, body };
}

const told = ["allow", "content-length", "content-type", "etag", "last-modified", "location"];

/** The body's text; of an answer that has none, what its head tells. */
function textOf(answer: WebAnswer, method: HttpMethod): string {
  const isError = answer.status > 299;
  if (answer.bytes.byteLength > 0) return isError && !isText(mediaTypeOf(answer)) ? "" : textOfAnswer(answer);
  if (!harmless.includes(method) || method === "GET") return isError ? "" : statusOf(answer);
  const lines = told.flatMap((name) => (answer.headers.has(name) ? [`${name}: ${answer.headers.get(name)}`] : []));
  return [...(isError ? [] : [statusOf(answer)]), ...lines].join("\n");
}

function statusOf({ status, statusText }: WebAnswer): string {
  return `${status} ${statusText}`.trim();
}
