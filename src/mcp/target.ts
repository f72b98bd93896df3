import type { AuthProvider, Client, FetchLike, OAuthClientProvider, Transport } from "@modelcontextprotocol/client";
import { missingSdk } from "../contract/sdk.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";

/** A server that is a program, spoken to over its standard input and output. It is ended when the connection is closed. */
export interface StdioTarget {
  readonly command: string;
  readonly args?: readonly string[];
  /** Variables of its environment beside the harmless ones (PATH, HOME, …), which alone it is given otherwise. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Where its log goes. Default: nowhere. */
  readonly stderr?: "ignore" | "inherit";
}

/** A server at an address, spoken to over streamable HTTP. */
export interface HttpTarget {
  readonly url: string | URL;
  /** Headers of every request. They go to this address alone: with any, a redirect is an error. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly authProvider?: AuthProvider | OAuthClientProvider;
  readonly fetch?: FetchLike;
}

/** A client of the SDK that is connected; it stays yours. Its handlers of changed lists are set. */
export interface ClientTarget {
  readonly client: Client;
}

/** Where a server is. */
export type McpTarget = StdioTarget | HttpTarget | ClientTarget;

const keys: Readonly<Record<"command" | "url" | "client", readonly string[]>> = {
  command: ["command", "args", "env", "cwd", "stderr"],
  url: ["url", "headers", "authProvider", "fetch"],
  client: ["client"],
};

/** Checks a target. Throws `ConfigError`. */
export function checkTarget(target: McpTarget): void {
  const kind =
    typeof target === "object" && target !== null
      ? (["command", "url", "client"] as const).find((key) => key in target)
      : undefined;
  if (kind === undefined) {
    const given = describe(target);
    throw new ConfigError(`connectMcp() takes { command }, { url } or { client }; it was given ${given}.`);
  }
  const unknown = unknownKey(`A server by its ${kind} has no option`, target, keys[kind]);
  if (unknown !== undefined) throw new ConfigError(unknown);
  if ("command" in target && typeof target.command !== "string") {
    throw new ConfigError(`\`command\` is the name or path of a program; it was given ${describe(target.command)}.`);
  }
  if ("url" in target && !/^https?:$/.test(URL.parse(String(target.url))?.protocol ?? "")) {
    throw new ConfigError("`url` is an address with http or https.");
  }
  if ("client" in target && typeof target.client?.callTool !== "function") {
    throw new ConfigError("`client` is a Client of @modelcontextprotocol/client that is connected.");
  }
}

/** The way to a server that is not yet connected to. */
export async function openTransport(target: StdioTarget | HttpTarget): Promise<Transport> {
  if ("command" in target) {
    const { StdioClientTransport, getDefaultEnvironment } = await import("@modelcontextprotocol/client/stdio").catch(
      missingSdk("@modelcontextprotocol/client", "mcp"),
    );
    const { command, args = [], env, cwd, stderr = "ignore" } = target;
    const environment = { ...getDefaultEnvironment(), ...env };
    const transport = new StdioClientTransport({
      command,
      args: [...args],
      env: environment,
      stderr,
      ...(cwd !== undefined && { cwd }),
    });
    // Who closes it a second time waits for the end of the program, too: the SDK's own close comes back at once then.
    const close = transport.close.bind(transport);
    let closing: Promise<void> | undefined;
    return Object.assign(transport, {
      close: () => {
        closing ??= close();
        return closing;
      },
    });
  }
  const { StreamableHTTPClientTransport } = await loadClient();
  const { url, headers, authProvider, fetch } = target;
  return new StreamableHTTPClientTransport(new URL(url), {
    ...(headers !== undefined && { requestInit: { headers: { ...headers }, redirect: "error" } }),
    ...(authProvider !== undefined && { authProvider }),
    ...(fetch !== undefined && { fetch }),
  });
}

/** The SDK's client package. Throws `MissingPackageError`. */
export function loadClient(): Promise<typeof import("@modelcontextprotocol/client")> {
  return import("@modelcontextprotocol/client").catch(missingSdk("@modelcontextprotocol/client", "mcp"));
}
