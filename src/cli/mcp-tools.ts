import type { McpConnection } from "../mcp/connection.ts";
import type { McpTarget } from "../mcp/target.ts";
import type { Tool } from "../tools/tool.ts";
import { Misuse } from "./misuse.ts";

/** The tools of servers of the Model Context Protocol. Close them when they are not needed any more. */
export interface ServerTools {
  readonly tools: readonly Tool[];
  close(): Promise<void>;
}

/** Connects to servers, each an address or the command line of a program. Throws `Misuse`. */
export async function serverTools(servers: readonly string[]): Promise<ServerTools> {
  const connected: McpConnection[] = [];
  const tools: Tool[] = [];
  const close = async () => {
    await Promise.all(connected.map((server) => server.close()));
  };
  try {
    for (const server of servers) {
      const connection = await connect(server);
      connected.push(connection);
      tools.push(...(await listed(server, connection)));
    }
    const twice = tools.find(({ name }, at) => tools.findIndex((other) => other.name === name) !== at);
    if (twice !== undefined) throw new Misuse(`Two servers have a tool ${twice.name}: give one of them.`);
  } catch (error) {
    await close();
    throw error;
  }
  return { tools, close };
}

async function connect(server: string): Promise<McpConnection> {
  const target = targetOf(server);
  // A chat without a server needs nothing of it.
  const { connectMcp } = await import("../mcp/connect.ts");
  return connectMcp(target).catch(unusable(server));
}

function listed(server: string, connection: McpConnection): Promise<readonly Tool[]> {
  return connection.tools().catch(unusable(server));
}

function unusable(server: string): (cause: unknown) => never {
  return (cause) => {
    const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
    // The sentence of a package that is absent says by itself what to install.
    const words = code === "missing_package" ? String(message) : `The server ${server} cannot be used: ${message}`;
    throw new Misuse(words, { cause });
  };
}

function targetOf(server: string): McpTarget {
  if (/^https?:/i.test(server)) return { url: server };
  const [command = "", ...args] = wordsOf(server);
  return { command, args };
}

/** The words of a command line, as a shell parts them: by spaces, outside of quotes. */
export function wordsOf(line: string): string[] {
  const words = Array.from(line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g), ([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ""),
  );
  if (words.length === 0) throw new Misuse("--mcp takes an address or a command: --mcp 'npx -y server-everything'.");
  return words;
}
