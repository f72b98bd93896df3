import { openai } from "callscope/openai";
import { sdkClient } from "../clients.ts";
import { model, recommend } from "../samples.ts";

// Run by itself: does the work of one contender and prints the peak of its resident memory in megabytes.
const [name = "", origin = ""] = process.argv.slice(2);
const client = sdkClient(origin, "text/2000");
const call = openai.call(model, { client, stream: true }, recommend);

async function readBySdk(): Promise<number> {
  let length = 0;
  const messages = [{ role: "user" as const, content: recommend("fantasy") }];
  const stream = await client.chat.completions.create({ model, messages, stream: true });
  for await (const { choices } of stream) length += choices[0]?.delta.content?.length ?? 0;
  return length;
}

async function readByCallscope(): Promise<number> {
  let length = 0;
  for await (const [{ content }] of call("fantasy")) length += content.length;
  return length;
}

const readers: Record<string, () => Promise<number>> = { "openai SDK": readBySdk, callscope: readByCallscope };
const read = readers[name];
if (read !== undefined) await Promise.all(Array.from({ length: 200 }, read));
// `maxRSS` is in kilobytes.
console.log(process.resourceUsage().maxRSS / 1024);
