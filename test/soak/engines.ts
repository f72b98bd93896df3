import { faultsOf, killAtRandom, victims } from "../support/durable-faults.ts";
import { lanes } from "../support/durable-lanes.ts";

// The worker, the engine and both, killed a hundred times each while rows are asked, on each engine that is here.
const times = Number(process.env.SOAK_KILLS ?? 100);
const only = process.env.SOAK_ENGINE;
for (const lane of lanes) {
  if (only !== undefined && only !== lane.title) continue;
  if (!lane.present) {
    console.log(lane.sentence);
    process.exitCode = 1;
    continue;
  }
  for (const victim of victims) {
    const figures = await killAtRandom(lane, victim, times);
    const { engine, kills, rows, lost, askedAgain, stepsAgain, extra, bound, books, seconds } = figures;
    console.log(
      `${engine}, ${victim} killed ${kills} times: ${rows} rows, ${lost} lost, ${askedAgain} rows and ${stepsAgain} steps asked again, ${extra} extra requests of at most ${bound}, books ${books ? "equal" : "differ"} (${seconds} s)`,
    );
    for (const fault of faultsOf(figures)) {
      console.log(fault);
      process.exitCode = 1;
    }
  }
}
process.exit();
