import { DBOS } from "@dbos-inc/dbos-sdk";
import { durable, rowWorkflow } from "../../src/dbos/index.ts";
import { runCase } from "./durable-cases.ts";
import { agentOf, bookOf, shoutOf } from "./durable-rows.ts";
import { silent } from "./silent-logger.ts";

// A worker of its own: `node dbos-worker.ts MODEL_URL DATABASE_URL`. It prints "ready" when it takes calls.
const [url = "", systemDatabaseUrl = ""] = process.argv.slice(2);
DBOS.registerWorkflow(
  ({ name, key }: { name: string; key: string }) => runCase(name, { url, key, durable: (options) => durable(options) }),
  { name: "cases" },
);
rowWorkflow("shout", shoutOf(url));
rowWorkflow("book", bookOf(url));
rowWorkflow("agent", agentOf(url));
DBOS.setConfig({ name: "test", systemDatabaseUrl, applicationVersion: "1", logger: silent });
await DBOS.launch();
await DBOS.registerQueue("cases", { workerConcurrency: 50, minPollingIntervalMs: 20 });
process.stdout.write("ready\n");
