import { budget, type Layer, limit, observe, retry } from "callscope";
import { type Contender, type Figures, measure } from "../measure.ts";
import { type Lane, lanes } from "../stubs.ts";
import type { Added } from "./layer-child.ts";

// Run by itself for one provider and one stack: prints what the layers add, as JSON.
const [, , provider, stack = ""] = process.argv;
const lane = lanes.find(({ name }) => name === provider) as Lane;
const most = Number.MAX_SAFE_INTEGER;
const known: Readonly<Record<string, Layer>> = {
  retry: retry(),
  limit: limit({ concurrency: 100, requestsPerMinute: most, tokensPerMinute: most }),
  budget: budget({ usd: 1_000_000, tokens: most, requests: most, unpriced: "allow", outputTokens: 1_000 }),
  observe: observe({ response: () => {} }),
};
const layers = stack.split("+").map((name) => known[name] as Layer);

const streams = await measure(contenders(streamOnce), "without", {
  operations: 60,
  rounds: 15,
  warmUp: 300,
  units: lane.chunks,
});
const calls = await measure(contenders(callOnce), "without", { operations: 10_000, rounds: 15, warmUp: 60_000 });
console.log(JSON.stringify({ call: added(calls), chunk: added(streams) } satisfies Added));

function added(figures: readonly Figures[]): number {
  return figures.find(({ name }) => name === "layers")?.added ?? Number.NaN;
}

function contenders(once: (use: Lane) => Promise<void>): Contender[] {
  const { call, stream } = lane as Lane & { readonly call: Bound; readonly stream: Bound };
  const layered = { ...lane, call: call.with({ layers }), stream: stream.with({ layers }) };
  return [
    { name: "without", run: () => once(lane) },
    { name: "layers", run: () => once(layered as Lane) },
  ];
}

/** What a lane's functions are: calls. */
interface Bound {
  with(overrides: { readonly layers: readonly Layer[] }): unknown;
}

async function callOnce({ name, call }: Lane): Promise<void> {
  const { content } = await call("fantasy");
  if (content.length !== 500) throw new Error(`${name} gave ${content.length} characters.`);
}

async function streamOnce({ name, stream, chunks }: Lane): Promise<void> {
  let seen = 0;
  for await (const [{ content }] of stream("fantasy")) if (content !== "") seen++;
  if (seen !== chunks) throw new Error(`${name} gave ${seen} of ${chunks} chunks.`);
}
