import type { McpHandlerRequestOptions, McpHttpHandler, McpServer } from "@modelcontextprotocol/server";
import type { ServeStdioOptions, StdioServerHandle } from "@modelcontextprotocol/server/stdio";
import { missingSdk } from "../contract/sdk.ts";
import { ConfigError } from "../errors/errors.ts";
import { checkFunction, checkOptions } from "../layers/options.ts";
import type { Tool } from "../tools/tool.ts";
import { ToolError } from "../tools/tool-error.ts";
import { type McpPrompt, offerPrompt } from "./server-prompt.ts";
import { type FailureOptions, offerTool, withJson } from "./server-tool.ts";

/** What a server offers. */
export interface McpServerOptions extends FailureOptions {
  readonly name: string;
  readonly version: string;
  readonly title?: string | undefined;
  /** What clients are told of how the tools belong together. */
  readonly instructions?: string | undefined;
  /** Tools of ours; a call is made one by `callTool`. */
  readonly tools?: readonly Tool[] | undefined;
  /** Prompts, as `servePrompt` makes them. */
  readonly prompts?: readonly McpPrompt[] | undefined;
  /**
   * The names, without a port, under which HTTP requests may reach it, and the origins of pages that may ask it. A request
   * for another is refused, so that no page reaches a server on a visitor's machine. Default: this machine's own names.
   */
  readonly hosts?: readonly string[] | undefined;
}

/** A server of ours. Nothing runs before one of its methods is called. */
export interface ServedMcp extends AsyncDisposable {
  /** Answers one request of streamable HTTP, in both eras of the protocol. It can be detached. */
  readonly fetch: (request: Request, options?: McpHandlerRequestOptions) => Promise<Response>;
  /** Serves this process's standard input and output until they end. Print nothing else to the output then. */
  stdio(options?: ServeStdioOptions): Promise<StdioServerHandle>;
  /** A server of the SDK with all of it, for a transport of yours. */
  create(): Promise<McpServer>;
  /** Ends what is under way over HTTP. */
  close(): Promise<void>;
}

const keys: readonly string[] = [
  "name",
  "version",
  "title",
  "instructions",
  "tools",
  "prompts",
  "hosts",
  "exposeErrors",
  "onError",
] satisfies (keyof McpServerOptions)[];

/**
 * A server of the Model Context Protocol from our tools, calls and prompts, over streamable HTTP and standard input and
 * output, in the revisions 2025-11-25 and 2026-07-28. It checks no tokens: put what does before `fetch`. Needs the package
 * `@modelcontextprotocol/server`, version 2. Throws `ConfigError` and `ToolError`.
 */
export function mcpServer(options: McpServerOptions): ServedMcp {
  check(options);
  const create = maker(options);
  let handler: Promise<McpHttpHandler> | undefined;
  const serve = async (request: Request, given?: McpHandlerRequestOptions) => {
    const refused = await refusal(request, options.hosts);
    if (refused !== undefined) return refused;
    handler ??= loadServer().then(({ createMcpHandler }) => createMcpHandler(create));
    return (await handler).fetch(request, given);
  };
  const close = async () => void (await (await handler)?.close());
  return {
    fetch: serve,
    create,
    close,
    [Symbol.asyncDispose]: close,
    async stdio(given) {
      const { serveStdio } = await import("@modelcontextprotocol/server/stdio").catch(
        missingSdk("@modelcontextprotocol/server", "mcp"),
      );
      return serveStdio(create, given);
    },
  };
}

/** Makes servers of the SDK: one for each request over HTTP, one for a connection. Schemas are converted once. */
function maker(options: McpServerOptions): () => Promise<McpServer> {
  const { name, version, title, instructions, tools = [], prompts = [], onError } = options;
  const convert = async () => ({
    tools: await Promise.all(tools.map(({ parameters }) => withJson(parameters))),
    prompts: await Promise.all(prompts.map(({ parameters }) => parameters && withJson(parameters))),
  });
  let schemas: ReturnType<typeof convert> | undefined;
  return async () => {
    const { McpServer } = await loadServer();
    schemas ??= convert();
    const converted = await schemas;
    const info = { name, version, ...(title !== undefined && { title }) };
    const server = new McpServer(info, instructions === undefined ? {} : { instructions });
    for (const [index, tool] of tools.entries()) {
      const schema = converted.tools[index];
      if (schema !== undefined) offerTool(server, tool, schema, options);
    }
    for (const [index, prompt] of prompts.entries()) offerPrompt(server, prompt, converted.prompts[index], onError);
    return server;
  };
}

/** The answer to a request that came under another name, or from a page of another origin. */
async function refusal(request: Request, hosts: readonly string[] | undefined): Promise<Response | undefined> {
  const sdk = await loadServer();
  const allowed = hosts === undefined ? sdk.localhostAllowedHostnames() : [...hosts];
  const host = request.headers.get("host") ?? new URL(request.url).host;
  const named = new Request(request.url, { headers: { host } });
  if (!sdk.validateHostHeader(host, allowed).ok) return sdk.hostHeaderValidationResponse(named, allowed);
  return sdk.originValidationResponse(request, allowed);
}

function loadServer(): Promise<typeof import("@modelcontextprotocol/server")> {
  return import("@modelcontextprotocol/server").catch(missingSdk("@modelcontextprotocol/server", "mcp"));
}

function check(options: McpServerOptions): void {
  checkOptions("mcpServer()", options, keys);
  const { name, version, tools = [], prompts = [], hosts, onError } = options;
  for (const [key, value] of Object.entries({ name, version })) {
    if (typeof value !== "string" || value === "") throw new ConfigError(`A server has a \`${key}\`, which is a text.`);
  }
  if (hosts !== undefined && (!Array.isArray(hosts) || hosts.length === 0)) {
    throw new ConfigError('`hosts` is a list of names: ["api.example.org"].');
  }
  checkFunction("onError", onError);
  const twice = (names: readonly string[]) => names.find((one, index) => names.indexOf(one) !== index);
  const tool = twice(tools.map(({ name }) => name));
  if (tool !== undefined) {
    throw new ToolError("invalid_tool", `Two tools are named "${tool}": a server's need names of their own.`, {
      toolName: tool,
    });
  }
  const prompt = twice(prompts.map(({ name }) => name));
  if (prompt !== undefined)
    throw new ConfigError(`Two prompts are named "${prompt}": a server's need names of their own.`);
}
