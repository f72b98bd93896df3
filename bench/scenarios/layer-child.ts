import { type Contender, type Figures, measure } from "../measure.ts";
import { type Lane, lanes } from "../stubs.ts";

/** CPU microseconds above the stub alone. */
export interface Added {
  readonly call: number;
  readonly chunk: number;
}

// Run by itself for one provider: prints what our layer adds, as JSON.
const lane = lanes.find(({ name }) => name === process.argv[2]) as Lane;
const streams = await measure(streamers(lane), "stub", { rounds: 11, warmUp: 300, sample: 40, units: lane.chunks });
// V8 goes on compiling for the first twenty thousand calls, which cost five times as much.
const calls = await measure(callers(lane), "stub", { rounds: 11, warmUp: 60_000, longest: 2000, sample: 40 });
console.log(JSON.stringify({ call: added(calls), chunk: added(streams) } satisfies Added));

function added(figures: readonly Figures[]): number {
  return figures.find(({ name }) => name === "callscope")?.added ?? Number.NaN;
}

function callers({ name, call, bareCall }: Lane): Contender[] {
  return [
    { name: "stub", run: bareCall },
    {
      name: "callscope",
      async run() {
        const { content } = await call("fantasy");
        if (content.length !== 500) throw new Error(`${name} gave ${content.length} characters.`);
      },
    },
  ];
}

function streamers({ name, chunks, stream, bareStream }: Lane): Contender[] {
  return [
    {
      name: "stub",
      async run() {
        let seen = 0;
        for await (const event of await bareStream()) if (event) seen++;
        if (seen < chunks) throw new Error(`The stub of ${name} gave ${seen} events.`);
      },
    },
    {
      name: "callscope",
      async run() {
        let seen = 0;
        for await (const [{ content }] of stream("fantasy")) if (content !== "") seen++;
        if (seen !== chunks) throw new Error(`${name} gave ${seen} of ${chunks} chunks.`);
      },
    },
  ];
}
