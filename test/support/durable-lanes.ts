import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DBOSClient } from "@dbos-inc/dbos-sdk";
import { connect } from "@restatedev/restate-sdk-clients";
import * as dbos from "../../src/dbos/index.ts";
import type { DurableMapOptions } from "../../src/durable/rows.ts";
import * as restate from "../../src/restate/index.ts";
import type { RowRun, RowSource, RowValue } from "../../src/rows/types.ts";
import { agentOf, bookOf, shoutOf } from "./durable-rows.ts";
import { closedPort } from "./fault-server.ts";
import { postgresPresent, startPostgres } from "./postgres-server.ts";
import { restatePresent, startRestate } from "./restate-server.ts";
import { silent } from "./silent-logger.ts";

type MapOf<Made extends (url: string) => (text: string) => unknown> = (
  rows: RowSource<string>,
  options: DurableMapOptions<string>,
) => RowRun<RowValue<ReturnType<ReturnType<Made>>>>;

/** A real engine with a worker of its own process. */
export interface DurableEngine extends AsyncDisposable {
  /** Runs a case under a key, to its end, whatever is killed meanwhile. */
  run(name: string, key: string): Promise<unknown>;
  /** Ends a run by the engine's own means. */
  cancel(key: string): Promise<void>;
  /** Ends the worker at once, as a crash would. */
  killWorker(): Promise<void>;
  startWorker(): Promise<void>;
  killEngine(): Promise<void>;
  startEngine(): Promise<void>;
  /** Rows over the engine, asked for in this process. */
  readonly maps: {
    readonly shout: MapOf<typeof shoutOf>;
    readonly book: MapOf<typeof bookOf>;
    readonly agent: MapOf<typeof agentOf>;
  };
}

/** One engine that the suite runs on. */
export interface DurableLane {
  readonly title: string;
  readonly present: boolean;
  /** Why it is skipped where it is absent. */
  readonly sentence: string;
  /** What a worker is run with, beside the model's address, and the program that is run. */
  start(model: string): Promise<DurableEngine>;
}

export const lanes: readonly DurableLane[] = [
  {
    title: "Restate",
    present: restatePresent,
    sentence: "There is no Restate server for this platform: its npm package has none.",
    start: startRestateLane,
  },
  {
    title: "DBOS",
    present: postgresPresent,
    sentence: "There is no PostgreSQL on this machine: apt-get install postgresql.",
    start: startDbosLane,
  },
];

async function startRestateLane(model: string): Promise<DurableEngine> {
  const server = await startRestate();
  const address = await closedPort();
  const worker = workerOf("restate-worker.ts", model, new URL(address).port);
  await worker.start();
  await server.register(address);
  const ingress = connect({ url: server.ingress });
  const shout = restate.rowService("shout", shoutOf(model));
  const book = restate.rowService("book", bookOf(model));
  const agent = restate.rowService("agent", agentOf(model));
  const invocations = new Map<string, string>();
  const post = (path: string, name: string, key: string) =>
    untilThere(async () => {
      const headers = { "content-type": "application/json", "idempotency-key": key };
      const answer = await fetch(`${server.ingress}/cases/run${path}`, {
        method: "POST",
        headers,
        body: JSON.stringify({ name, key }),
      });
      const text = await answer.text();
      // The engine itself is not there yet, or again.
      if (answer.status >= 502) throw new TypeError(text);
      return { ok: answer.ok, value: JSON.parse(text) as unknown };
    });
  return {
    async run(name, key) {
      const { value } = await post("/send", name, key);
      invocations.set(key, (value as { invocationId: string }).invocationId);
      const came = await post("", name, key);
      if (!came.ok) throw Object.assign(new Error("The run failed."), came.value);
      return came.value;
    },
    cancel: (key) => server.cancel(invocations.get(key) ?? ""),
    killWorker: worker.kill,
    startWorker: worker.start,
    killEngine: server.kill,
    startEngine: server.restart,
    maps: {
      shout: (rows, options) => restate.map(ingress, shout, rows, options),
      book: (rows, options) => restate.map(ingress, book, rows, options),
      agent: (rows, options) => restate.map(ingress, agent, rows, options),
    },
    async [Symbol.asyncDispose]() {
      await worker.kill();
      await server[Symbol.asyncDispose]();
    },
  };
}

let workflows:
  | {
      readonly shout: dbos.RowWorkflow<[string], ReturnType<ReturnType<typeof shoutOf>>>;
      readonly book: dbos.RowWorkflow<[string], ReturnType<ReturnType<typeof bookOf>>>;
      readonly agent: dbos.RowWorkflow<[string], ReturnType<ReturnType<typeof agentOf>>>;
    }
  | undefined;

async function startDbosLane(model: string): Promise<DurableEngine> {
  const server = await startPostgres();
  const worker = workerOf("dbos-worker.ts", model, server.url);
  await worker.start();
  // Registered once in a process; they run in the workers, whose models have another address.
  workflows ??= {
    shout: dbos.rowWorkflow("shout", shoutOf(model)),
    book: dbos.rowWorkflow("book", bookOf(model)),
    agent: dbos.rowWorkflow("agent", agentOf(model)),
  };
  const { shout, book, agent } = workflows;
  // DBOS asks pg 8 for what pg 9 will refuse, which pg says once a process.
  const { noDeprecation = false } = process;
  process.noDeprecation = true;
  const client = await DBOSClient.create({ systemDatabaseUrl: server.url, logger: silent });
  return {
    async run(name, key) {
      const options = { queueName: "cases", workflowName: "cases", workflowID: key, appVersion: "1" };
      await untilThere(() => client.enqueue(options, { name, key }));
      return untilThere(() => client.retrieveWorkflow(key).getResult({ pollingIntervalMs: 50 }));
    },
    cancel: (key) => client.cancelWorkflow(key),
    killWorker: worker.kill,
    startWorker: worker.start,
    killEngine: server.kill,
    startEngine: server.restart,
    maps: {
      shout: (rows, options) => dbos.map(shout, rows, { ...options, client }),
      book: (rows, options) => dbos.map(book, rows, { ...options, client }),
      agent: (rows, options) => dbos.map(agent, rows, { ...options, client }),
    },
    async [Symbol.asyncDispose]() {
      await worker.kill();
      await client.destroy();
      process.noDeprecation = noDeprecation;
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A program in a process of its own, which says when it is ready. */
export function workerOf(file: string, ...args: readonly string[]) {
  let child: ChildProcess;
  return {
    async start(): Promise<void> {
      child = spawn(
        process.execPath,
        ["--disable-warning=DeprecationWarning", join(import.meta.dirname, file), ...args],
        {
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      await new Promise<void>((resolve, reject) => {
        child.stdout?.on("data", (data: Buffer) => {
          if (data.toString().includes("ready")) resolve();
        });
        child.once("exit", (code) => reject(new Error(`The worker ended with ${code}.`)));
      });
    },
    async kill(): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Asks again while nobody is there: what is asked is known by its key, and is begun once. */
async function untilThere<Value>(ask: () => Promise<Value>): Promise<Value> {
  for (let count = 0; ; count++) {
    try {
      return await ask();
    } catch (error) {
      if (!isAway(error) || count > 300) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function isAway(error: unknown): boolean {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  return (
    name === "TypeError" || /^(?:ECONN|57P|EPIPE)/.test(code ?? "") || /terminat|ECONN|starting up/.test(message ?? "")
  );
}
