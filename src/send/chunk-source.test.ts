import { expect, test } from "vitest";
import { ChunkSource } from "./chunk-source.ts";

// Node's timers hold at most 2^31 - 1 milliseconds; a longer time would end at once, with a warning.
const longest = 2 ** 31 - 1;

async function* late() {
  await new Promise((resolve) => setTimeout(resolve, 60));
  yield "late";
}

test.each([
  ["idle time", { timeout: undefined, idleTimeout: longest }],
  ["idle time", { timeout: undefined, idleTimeout: longest + 1 }],
  ["idle time", { timeout: undefined, idleTimeout: Number.POSITIVE_INFINITY }],
  ["timeout", { timeout: longest, idleTimeout: 0 }],
  ["timeout", { timeout: longest + 1, idleTimeout: 0 }],
])("the longest %s a timer can hold, and any beyond, never end a stream: %j", async (_, limits) => {
  const source = new ChunkSource<string>({ signal: undefined, ...limits });
  await source.open(late);
  expect(await source.next()).toEqual({ done: false, value: "late" });
  expect(source.interruption).toBeUndefined();
  source.close(true);
});
