import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { completion, toolCall } from "../support/chat-server.ts";
import { closedPort } from "../support/fault-server.ts";
import { postgresPresent, startPostgres } from "../support/postgres-server.ts";
import { restatePresent, startRestate } from "../support/restate-server.ts";
import { startServer } from "../support/server.ts";

// The examples of durable calls, run as a user runs them, on the built package and the real engines.
const examples = resolve(import.meta.dirname, "../../examples/durable");
const json = { "content-type": "application/json" };

/** A hand-written stand-in for the provider: it triages tickets, and asks for the copies of a book before it tells them. */
const startModel = () =>
  startServer((answer) => {
    const { messages, tools } = answer.request.body as {
      messages: { role: string; content: string }[];
      tools: { function: { name: string } }[];
    };
    const name = tools[0]?.function.name ?? "";
    const counted = messages.find(({ role }) => role === "tool")?.content;
    const args = name === "count_copies" ? { title: "Dune" } : { urgent: messages[0]?.content.includes("fire") };
    const said =
      counted === undefined ? { tool_calls: [toolCall(name, args)] } : { content: `There are ${counted} copies.` };
    answer.send(200, json, JSON.stringify(completion(said)));
  });

const environment = (url: string, more: Readonly<Record<string, string>>) => ({
  ...process.env,
  OPENAI_API_KEY: "key",
  OPENAI_BASE_URL: url,
  ...more,
});

const rows = (resumed: boolean) => ["t1 true", "t2 false", "t3 true"].map((row) => `${row} ${resumed}`);

async function printed(file: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(examples, file)], { env, timeout: 60_000 });
  return stdout.trim().split("\n");
}

const restateSentence = "There is no Restate server for this platform: its npm package has none.";
test.skipIf(!restatePresent)(
  restatePresent ? "on Restate: a worker, and a job that is run twice" : restateSentence,
  async () => {
    if (!restatePresent) expect.fail(restateSentence);
    await using model = await startModel();
    await using server = await startRestate();
    const address = await closedPort();
    const env = environment(model.url, { PORT: new URL(address).port, RESTATE_INGRESS: server.ingress });
    const worker = spawn(process.execPath, [join(examples, "restate-worker.ts")], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(worker.stdout, "data");
      await server.register(address);
      const first = await printed("restate-job.ts", env);
      expect(first.slice(0, 3).sort()).toEqual(rows(false));
      expect(first.slice(3)).toEqual(["3 rows, 3 requests", "There are 3 copies."]);
      expect((await printed("restate-job.ts", env)).slice(0, 4).sort()).toEqual(["3 rows, 0 requests", ...rows(true)]);
    } finally {
      await end(worker);
    }
  },
  120_000,
);

const postgresSentence = "There is no PostgreSQL on this machine: apt-get install postgresql.";
test.skipIf(!postgresPresent)(
  postgresPresent ? "on DBOS: a workflow and rows, run twice" : postgresSentence,
  async () => {
    if (!postgresPresent) expect.fail(postgresSentence);
    await using model = await startModel();
    await using server = await startPostgres();
    const env = environment(model.url, {
      DATABASE_URL: server.url,
      NODE_OPTIONS: "--disable-warning=DeprecationWarning",
    });
    const [advice, ...more] = await printed("dbos.ts", env);
    expect(advice).toBe("There are 3 copies.");
    expect(more.slice(0, 3).sort()).toEqual(rows(false));
    expect(more.slice(3)).toEqual(["3 rows, 3 requests"]);
    expect((await printed("dbos.ts", env)).slice(1).sort()).toEqual(["3 rows, 0 requests", ...rows(true)]);
  },
  120_000,
);

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
