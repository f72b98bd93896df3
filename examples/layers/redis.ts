// #region redis
import { budget, limit } from "callscope";
import { openai } from "callscope/openai";
import { redis } from "callscope/redis";
import { createClient } from "redis";

const client = await createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" }).connect();
const steady = limit({ requestsPerMinute: 500, store: redis(client, { name: "openai" }) });

/** A tenant's day has one purse, whichever process serves it. */
function purseOf(tenant: string) {
  return budget({ usd: 5, store: redis(client, { name: `tenant ${tenant}`, window: "day" }) });
}

const recommendBook = openai.call("gpt-4o-mini", { layers: [steady] }, (genre: string) => `Recommend a ${genre} book`);
const purse = purseOf("ada");
const response = await recommendBook.with({ layers: [purse] })("fantasy");
console.log(response.content);
await purse.refresh();
console.log(`${purse.spent.requests} request, $${purse.left.usd?.toFixed(6)} left`);
await client.close();
// #endregion
