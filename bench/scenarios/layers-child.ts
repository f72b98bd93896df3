import { type Contender, type Figures, measure } from "../measure.ts";
import { layersOf } from "../stacks.ts";
import { type Lane, lanes } from "../stubs.ts";
import type { Added } from "./layer-child.ts";
import { callOnce, streamOnce, withLayers } from "./layered.ts";

// Run by itself for one provider and one stack: prints what the layers add, as JSON.
const [, , provider, stack = ""] = process.argv;
const lane = lanes.find(({ name }) => name === provider) as Lane;

const streams = await measure(contenders(streamOnce), "without", {
  rounds: 11,
  warmUp: 300,
  sample: 40,
  units: lane.chunks,
});
const calls = await measure(contenders(callOnce), "without", { rounds: 11, warmUp: 60_000, longest: 2000, sample: 40 });
console.log(JSON.stringify({ call: added(calls), chunk: added(streams) } satisfies Added));

function added(figures: readonly Figures[]): number {
  return figures.find(({ name }) => name === "layers")?.added ?? Number.NaN;
}

function contenders(once: (use: Lane) => Promise<void>): Contender[] {
  const layered = withLayers(lane, layersOf(stack));
  return [
    { name: "without", run: () => once(lane) },
    { name: "layers", run: () => once(layered) },
  ];
}
