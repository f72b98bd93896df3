import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import type { Tally } from "./totals.ts";
import type { KeptOptions, ProgressStream } from "./types.ts";

/** What is shown while rows are run. */
export interface Progress {
  /** A sentence of its own line. */
  say(sentence: string): void;
  /** The last figures. Must be called when the run is over. */
  end(): void;
}

// Milliseconds between two pictures of a bar, and between two lines of a log.
const barEvery = 100;
const lineEvery = 10_000;

/** Shows how far a run is: a bar on a terminal, lines elsewhere. `undefined` where nobody wants to know. */
export function showProgress(
  { progress, count }: KeptOptions<never>,
  counted: number | undefined,
  tally: Tally,
): Progress | undefined {
  const stream = streamOf(progress);
  if (stream === undefined) return undefined;
  const total = count ?? counted;
  const started = performance.now();
  const isBar = stream.isTTY === true;
  const text = () => figuresOf(tally, total, (performance.now() - started) / 1000);
  const draw = () => {
    if (!isBar) return stream.write(`${text()}\n`);
    const line = total === undefined ? text() : `${barOf(tally.ended / Math.max(1, total))} ${text()}`;
    return stream.write(`\r\u001b[2K${line.slice(0, (stream.columns ?? 80) - 1)}`);
  };
  const timer = setInterval(draw, isBar ? barEvery : lineEvery);
  timer.unref();
  return {
    say: (sentence) => void stream.write(isBar ? `\r\u001b[2K${sentence}\n` : `${sentence}\n`),
    end() {
      clearInterval(timer);
      draw();
      if (isBar) stream.write("\n");
    },
  };
}

function streamOf(progress: KeptOptions<never>["progress"]): ProgressStream | undefined {
  if (progress === undefined || progress === false) return undefined;
  const stream = progress === true ? globalThis.process?.stderr : progress.to;
  if (typeof stream?.write === "function") return stream;
  throw new ConfigError(`\`progress\` is true or { to: a stream }; it was given ${describe(stream)}.`);
}

function barOf(part: number): string {
  const cells = 20;
  const full = Math.min(cells, Math.round(part * cells));
  return `[${"#".repeat(full)}${"-".repeat(cells - full)}]`;
}

/** `1,200/5,000 rows, 3 failed, 41.2 rows/s, $0.0312 so far, 1m 32s and $0.0988 left, batch_1 in_progress 20/500`. */
export function figuresOf(tally: Tally, total: number | undefined, seconds: number): string {
  const { own, failed, resumed, cost } = tally.totals;
  const { ended } = tally;
  const asked = own.done + own.failed;
  const rate = asked / Math.max(seconds, 0.001);
  const parts = [total === undefined ? `${number(ended)} rows` : `${number(ended)}/${number(total)} rows`];
  if (resumed > 0) parts.push(`${number(resumed)} from the journal`);
  if (failed > 0) parts.push(`${number(failed)} failed`);
  parts.push(`${rate < 10 ? rate.toFixed(1) : number(Math.round(rate))} rows/s`);
  // Where a price is not certain it is a least: what is certain of it.
  parts.push(`${cost === undefined ? "at least " : ""}${dollars(tally.known)} so far`);
  const left = total === undefined ? 0 : total - ended;
  if (left > 0 && asked > 0) {
    const each = own.cost === undefined ? undefined : own.cost / asked;
    const money = each === undefined ? "" : ` and ${dollars(each * left)}`;
    parts.push(`about ${time(left / rate)}${money} left`);
  }
  for (const [id, { total: size, status = "handed in", done = 0 }] of tally.batches) {
    parts.push(`${id} ${status} ${number(done)}/${number(size)}`);
  }
  return parts.join(", ");
}

function number(count: number): string {
  return count.toLocaleString("en-US");
}

function dollars(usd: number): string {
  return `$${usd < 1 ? usd.toFixed(4) : usd.toFixed(2)}`;
}

function time(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}m ${whole % 60}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
