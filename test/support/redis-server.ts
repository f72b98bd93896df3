import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closedPort } from "./fault-server.ts";

/** Whether Debian's redis-server (or Valkey's, under that name) is on this machine. */
export const redisPresent = spawnSync("redis-server", ["--version"]).status === 0;

/** A server of the test's own: nothing is kept, and it ends with the test. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
}

/** Starts one on a free port of 127.0.0.1. */
export async function startRedis(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "callscope-redis-"));
  const port = Number(new URL(await closedPort()).port);
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const server = spawn("redis-server", options, { stdio: ["ignore", "pipe", "inherit"] });
  await ready(server);
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    server.once("error", reject);
    server.once("exit", () => reject(new Error(`redis-server ended: ${said}`)));
    server.stdout?.on("data", (data: Buffer) => {
      said += data.toString();
      if (said.includes("Ready to accept connections")) resolve();
    });
  });
}
