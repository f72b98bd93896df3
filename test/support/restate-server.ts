import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closedPort } from "./fault-server.ts";

// Restate's server as its npm package has it, run directly: the package around it would send telemetry when installed.
const binary = join(
  import.meta.dirname,
  `../../node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
);

/** Whether the server is there for this platform. */
export const restatePresent = existsSync(binary);

/** A server of the test's own. */
export interface RestateServer extends AsyncDisposable {
  /** Where handlers are called. */
  readonly ingress: string;
  /** Tells it where a worker is. */
  register(url: string): Promise<void>;
  /** Cancels an invocation. */
  cancel(invocation: string): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again with what it had. */
  restart(): Promise<void>;
}

const settings = {
  DO_NOT_TRACK: "1",
  RESTATE_DISABLE_TELEMETRY: "true",
  RESTATE_ADMIN__DISABLE_WEB_UI: "true",
  RESTATE_LOG_FILTER: "error,octocrab=off",
  RESTATE_LISTEN_MODE: "tcp",
  RESTATE_BIND_IP: "127.0.0.1",
  RESTATE_ADVERTISED_HOST: "127.0.0.1",
  RESTATE_NODE_NAME: "test",
  RESTATE_SHUTDOWN_TIMEOUT: "1s",
  RESTATE_DEFAULT_NUM_PARTITIONS: "2",
  RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: "128 MiB",
  RESTATE_DEFAULT_RETRY_POLICY__INITIAL_INTERVAL: "100ms",
  RESTATE_DEFAULT_RETRY_POLICY__MAX_INTERVAL: "1s",
};

/** Starts one on free ports of 127.0.0.1, in a folder of its own. */
export async function startRestate(): Promise<RestateServer> {
  const folder = await mkdtemp(join(tmpdir(), "callscope-restate-"));
  const ports = await Promise.all([closedPort(), closedPort(), closedPort()]);
  const [ingress, admin, node] = ports as [string, string, string];
  const environment = {
    ...process.env,
    ...settings,
    RESTATE_BASE_DIR: folder,
    RESTATE_BIND_PORT: new URL(node).port,
    RESTATE_ADMIN__BIND_PORT: new URL(admin).port,
    RESTATE_INGRESS__BIND_PORT: new URL(ingress).port,
  };
  let server: ChildProcess;
  const start = async () => {
    server = spawn(binary, ["--no-logo"], { env: environment, stdio: ["ignore", "ignore", "inherit"] });
    while (!(await isWell(`${admin}/health`)) || !(await isWell(`${ingress}/restate/health`))) {
      if (server.exitCode !== null) throw new Error(`Restate's server ended with ${server.exitCode}.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
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
    ingress,
    async register(uri) {
      const body = JSON.stringify({ uri, force: true });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${admin}/deployments`, { method: "POST", headers, body });
      if (!answer.ok) throw new Error(`Restate took no worker at ${uri}: ${await answer.text()}`);
      await answer.text();
    },
    async cancel(invocation) {
      const answer = await fetch(`${admin}/invocations/${invocation}/cancel`, { method: "PATCH" });
      if (!answer.ok) throw new Error(`Restate did not cancel ${invocation}: ${await answer.text()}`);
      await answer.text();
    },
    kill,
    restart: start,
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function isWell(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url);
    await answer.text();
    return answer.ok;
  } catch {
    return false;
  }
}
