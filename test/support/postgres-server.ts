import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closedPort } from "./fault-server.ts";

// PostgreSQL as Debian has it, whose programs are not on the path.
const folders = ["/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt"];
const initdb = folders.flatMap((folder) =>
  globSync("{*/bin,bin}/initdb", { cwd: folder }).map((at) => join(folder, at)),
);
const programs = initdb.sort().at(-1)?.slice(0, -"/initdb".length);

/** Whether the server is on this machine. */
export const postgresPresent = programs !== undefined;

/** A server of the test's own. */
export interface PostgresServer extends AsyncDisposable {
  /** Of a database that does not exist yet. */
  readonly url: string;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again with what it had. */
  restart(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1, in a folder of its own. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), "callscope-postgres-"));
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? userOf("postgres", "nobody") : undefined;
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const options = { stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"], cwd: folder, ...user };
  const made = spawn(
    join(programs as string, "initdb"),
    ["-D", data, "-U", "test", "-A", "trust", "--no-sync"],
    options,
  );
  const [code] = (await once(made, "exit")) as [number];
  if (code !== 0) throw new Error(`initdb ended with ${code}.`);
  const port = new URL(await closedPort()).port;
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: folder,
    fsync: "off",
    shared_buffers: "32MB",
  };
  let server: ChildProcess;
  const start = async () => {
    const given = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    for (;;) {
      server = spawn(join(programs as string, "postgres"), ["-D", data, ...given], options);
      if (await isReady(server)) return;
      // What was left of one that was killed may still be ending.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill("SIGKILL");
    await ended;
  };
  await start();
  return {
    url: `postgresql://test@127.0.0.1:${port}/callscope`,
    kill,
    restart: start,
    async [Symbol.asyncDispose]() {
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, "exit");
        // At once, but its children ended.
        server.kill("SIGQUIT");
        await ended;
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** True once it takes connections, false where it ended before. */
function isReady(server: ChildProcess): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let said = "";
    server.once("error", reject);
    server.once("exit", () => {
      if (/lock file|in use|shared memory/.test(said)) resolve(false);
      else reject(new Error(`PostgreSQL ended: ${said}`));
    });
    server.stdout?.resume();
    server.stderr?.on("data", (data: Buffer) => {
      if (said.length < 10_000) said += data.toString();
      if (said.includes("ready to accept connections")) resolve(true);
    });
  });
}

function userOf(...names: readonly string[]): { readonly uid: number; readonly gid: number } {
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of names) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(":") ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`There is none of the users ${names.join(", ")} to run PostgreSQL as.`);
}
