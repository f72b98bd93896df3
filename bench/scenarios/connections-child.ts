import { openai } from "callscope/openai";
import { pooledClient, sdkClient } from "../clients.ts";
import { model, recommend } from "../samples.ts";
import { connectionsSeen } from "./connections.ts";

/** What so many calls at once took. */
export interface Wave {
  /** Connections that the server saw opened. */
  readonly opened: number;
  /** Milliseconds of CPU time of this process. */
  readonly cpu: number;
  readonly wall: number;
}

// Run by itself for one contender: makes so many calls at once, twice, and prints what they took, as JSON.
const [name = "", origin = "", count = ""] = process.argv.slice(2);
const client = name.endsWith("pooledFetch") ? pooledClient(origin, "call") : sdkClient(origin, "call");
const bound = openai.call(model, { client }, recommend);
const messages = [{ role: "user" as const, content: recommend("fantasy") }];
const call = name.startsWith("callscope")
  ? async () => (await bound("fantasy")).content
  : async () => (await client.chat.completions.create({ model, messages })).choices[0]?.message.content;
const waves: Wave[] = [await wave(), await wave()];
console.log(JSON.stringify(waves));
// Connections that are kept alive would hold the process open.
process.exit();

async function wave(): Promise<Wave> {
  const before = await connectionsSeen(origin);
  const begin = performance.now();
  const start = process.cpuUsage();
  await Promise.all(Array.from({ length: Number(count) }, call));
  const { user, system } = process.cpuUsage(start);
  const wall = performance.now() - begin;
  return { opened: (await connectionsSeen(origin)) - before - 1, cpu: (user + system) / 1000, wall };
}
