import type { DurableEngine, DurableLane } from "./durable-lanes.ts";
import { startModel } from "./durable-model.ts";

/** What is killed. */
export type Victim = "worker" | "engine" | "both";

export const victims: readonly Victim[] = ["worker", "engine", "both"];

/** What a run over rows came to whose parts were killed again and again. */
export interface FaultFigures {
  readonly engine: string;
  readonly victim: Victim;
  readonly kills: number;
  readonly rows: number;
  /** Rows that did not end with their value. */
  readonly lost: number;
  /** Rows that were asked again after they were given. */
  readonly askedAgain: number;
  /** First questions of a row that were asked again after its second: the first one's step was kept then. */
  readonly stepsAgain: number;
  /** Requests beyond those that the rows needed, and how many there may be. */
  readonly extra: number;
  readonly bound: number;
  /** Whether the totals say what the server saw: requests without the extra ones, and their cost. */
  readonly books: boolean;
  readonly seconds: number;
}

const concurrency = 8;
const price = 0.0000045;

/** Kills so many times at random, while rows of two requests each are asked for. */
export async function killAtRandom(lane: DurableLane, victim: Victim, kills: number): Promise<FaultFigures> {
  const started = performance.now();
  const given = new Set<string>();
  const second = new Set<string>();
  let [askedAgain, stepsAgain, done, ended] = [0, 0, 0, false];
  await using model = await startModel((question) => {
    const [key = "", , turn] = question.split(" ");
    if (given.has(key)) askedAgain++;
    if (turn === "1" && second.has(key)) stepsAgain++;
    if (turn !== "1") second.add(key);
    return Math.random() * 40;
  });
  await using engine = await lane.start(model.url);
  let count = 0;
  const texts = function* () {
    while (!ended) yield `r${count++} book`;
  };
  const run = engine.maps.book(texts(), { name: victim, concurrency, key: (text) => text, sigint: false });
  const killing = (async () => {
    for (let kill = 0; kill < kills; kill++) {
      const before = given.size;
      // Not before it has gone on: each kill is to meet it at work.
      while (given.size <= before + 2) await wait(5);
      await wait(Math.random() * 300);
      await strike(engine, victim);
    }
    ended = true;
  })();
  killing.catch(() => {
    ended = true;
  });
  for await (const row of run) {
    given.add(row.key.split(" ")[0] ?? "");
    if (row.status === "done" && row.value.title === "Dune") done++;
  }
  await killing;
  const { totals } = run;
  const seen = model.requests.filter(({ path }) => path === "/chat/completions").length;
  const extra = seen - 2 * count;
  const books =
    totals.requests === 2 * count &&
    Math.abs((totals.cost ?? 0) - 2 * count * price) < 1e-9 &&
    model.asked.size === 2 * count;
  const figures = { engine: lane.title, victim, kills, rows: count, lost: count - done, askedAgain, stepsAgain };
  const seconds = Math.round((performance.now() - started) / 1000);
  return { ...figures, extra, bound: kills * concurrency, books, seconds };
}

/** What is wrong with a cell, in a sentence each. */
export function faultsOf({ lost, askedAgain, stepsAgain, extra, bound, books }: FaultFigures): string[] {
  return [
    ...(lost > 0 ? [`${lost} rows were lost.`] : []),
    ...(askedAgain > 0 ? [`${askedAgain} rows were asked again after they were given.`] : []),
    ...(stepsAgain > 0 ? [`${stepsAgain} steps were asked again after they were kept.`] : []),
    ...(extra > bound || extra < 0 ? [`${extra} extra requests of at most ${bound}.`] : []),
    ...(books ? [] : ["The totals are not what the server saw."]),
  ];
}

async function strike(engine: DurableEngine, victim: Victim): Promise<void> {
  await Promise.all([
    victim === "engine" ? undefined : engine.killWorker(),
    victim === "worker" ? undefined : engine.killEngine(),
  ]);
  await wait(100);
  if (victim !== "worker") await engine.startEngine();
  if (victim !== "engine") await engine.startWorker();
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
