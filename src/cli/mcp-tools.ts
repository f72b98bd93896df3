import { type Tool, tool } from "../tools/tool.ts";
import { Misuse } from "./misuse.ts";

/** The tools of servers of the Model Context Protocol. Close them when they are not needed any more. */
export interface ServerTools {
  readonly tools: readonly Tool[];
  close(): Promise<void>;
}

/** Connects to servers, each an address or the command line of a program. Throws `Misuse`. */
export async function serverTools(servers: readonly string[]): Promise<ServerTools> {
  const connected: ServerTools[] = [];
  const close = async () => {
    await Promise.all(connected.map((server) => server.close()));
  };
  try {
    for (const server of servers) connected.push(await connect(server));
  } catch (error) {
    await close();
    throw error;
  }
  const tools = connected.flatMap((server) => server.tools);
  const twice = tools.find(({ name }, at) => tools.findIndex((other) => other.name === name) !== at);
  if (twice !== undefined) {
    await close();
    throw new Misuse(`Two servers have a tool ${twice.name}: give one of them.`);
  }
  return { tools, close };
}

async function connect(server: string): Promise<ServerTools> {
  const { Client, StreamableHTTPClientTransport } = await load(() => import("@modelcontextprotocol/client"));
  const client = new Client({ name: "callscope", version: "1" });
  try {
    if (/^https?:/i.test(server)) await client.connect(new StreamableHTTPClientTransport(new URL(server)));
    else {
      const { StdioClientTransport } = await load(() => import("@modelcontextprotocol/client/stdio"));
      const [command = "", ...args] = wordsOf(server);
      await client.connect(new StdioClientTransport({ command, args, stderr: "ignore" }));
    }
    const { tools } = await client.listTools();
    return { tools: tools.map((remote) => bridged(client, remote)), close: () => client.close() };
  } catch (cause) {
    await client.close().catch(() => {});
    throw new Misuse(`The server ${server} cannot be used: ${(cause as Error).message}`, { cause });
  }
}

type Client = import("@modelcontextprotocol/client").Client;
type Remote = Awaited<ReturnType<Client["listTools"]>>["tools"][number];

function bridged(client: Client, { name, description, inputSchema }: Remote): Tool {
  const made = tool({
    // Providers take no other signs.
    name: name.replace(/[^\w-]/g, "_").slice(0, 64),
    ...(description !== undefined && { description }),
    parameters: inputSchema as Record<string, unknown>,
    call: async (args: unknown, { signal }) => {
      const given = { name, arguments: args as Record<string, unknown> };
      const { content, isError } = await client.callTool(given, signal ? { signal } : {});
      const text = content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("\n");
      if (isError) throw new Error(text);
      return text;
    },
  });
  return made;
}

function load<Module>(importing: () => Promise<Module>): Promise<Module> {
  return importing().catch((cause: unknown) => {
    const words =
      'Tools of a server need the package "@modelcontextprotocol/client": run `npm install @modelcontextprotocol/client`.';
    throw new Misuse(words, { cause });
  });
}

/** The words of a command line, as a shell parts them: by spaces, outside of quotes. */
export function wordsOf(line: string): string[] {
  const words = Array.from(line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g), ([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ""),
  );
  if (words.length === 0) throw new Misuse("--mcp takes an address or a command: --mcp 'npx -y server-everything'.");
  return words;
}
