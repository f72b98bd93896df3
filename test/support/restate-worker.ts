import * as restate from "@restatedev/restate-sdk";
import { durable, rowService } from "../../src/restate/index.ts";
import { runCase } from "./durable-cases.ts";
import { agentOf, bookOf, shoutOf } from "./durable-rows.ts";

// A worker of its own: `node restate-worker.ts MODEL_URL PORT`. It prints "ready" when it takes calls.
const [url = "", port = "0"] = process.argv.slice(2);
const service = restate.service({
  name: "cases",
  handlers: {
    run: (ctx: restate.Context, { name, key }: { name: string; key: string }) =>
      runCase(name, { url, key, durable: (options) => durable(ctx, options) }),
  },
  // Short enough for a wait to be a suspension.
  options: { inactivityTimeout: 500 },
});
const rows = [rowService("shout", shoutOf(url)), rowService("book", bookOf(url)), rowService("agent", agentOf(url))];
await restate.serve({ services: [service, ...rows.map((one) => one.service)], port: Number(port), logger: () => {} });
process.stdout.write("ready\n");
