import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { closedPort } from "./fault-server.ts";

const require = createRequire(import.meta.url);

/** The program of a server from npm that nobody here wrote. */
export function programOf(name: "server-everything" | "server-filesystem"): string {
  return join(dirname(require.resolve(`@modelcontextprotocol/${name}/package.json`)), "dist/index.js");
}

/** How a server's program is started over standard input and output. */
export function stdioOf(program: string, ...args: string[]): { command: string; args: string[] } {
  return { command: process.execPath, args: [program, ...args] };
}

/** A server that runs at an address of this machine. */
export interface HttpServer extends AsyncDisposable {
  readonly url: string;
}

/** Starts a program that serves over HTTP, and waits until it says so. It is ended by its own process. */
export async function startProgram(
  args: readonly string[],
  urlOf: (said: string, port: string) => string | undefined,
): Promise<HttpServer> {
  const { port } = new URL(await closedPort());
  const env = { PATH: process.env.PATH, PORT: port };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env });
  let said = "";
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (data: Buffer) => {
      said += data.toString();
      const found = urlOf(said, port);
      if (found !== undefined) resolve(found);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`The server ended: ${said}`)));
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await ended;
    },
  };
}
