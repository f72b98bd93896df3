import { measure } from "../measure.ts";
import { compared, type Table } from "../report.ts";
import { anthropicReaders, firstText, openaiReaders, peerReaders, together, wholly } from "./readers.ts";

const baseline = "SDK";
const chunks = 2000;
/** What a stream of Chat Completions has beside its texts: its beginning, its end, its usage and `[DONE]`. */
const framing = 4;

async function all(origin: string, route: string) {
  return [...openaiReaders(origin, route), ...(await peerReaders(origin, route, "openai"))];
}

/** (c) Streamed text through OpenAI's SDK: at once, an event a write, 50 streams at a time, and short ones. */
export async function textStream(origin: string): Promise<Table[]> {
  const events = { rounds: 11, warmUp: 25, units: chunks };
  const burst = await measure(wholly(await all(origin, `text/${chunks}`), chunks), baseline, events);
  const written = await measure(wholly(await all(origin, `written/${chunks}`), chunks), baseline, events);
  const short = wholly(await all(origin, `text/${12 - framing}`), 12 - framing);
  const opened = await measure(short, baseline, { rounds: 11, warmUp: 300 });
  const first = await measure(firstText(openaiReaders(origin, `text/${chunks}`)), baseline, { rounds: 9, warmUp: 100 });
  return [
    compared("c. An event of 2,000, at once", "event", burst, { row: "event, OpenAI's SDK, burst" }),
    compared("c. An event of 2,000, one a write", "event", written, { row: "the same, one event a write" }),
    ...(await manyStreams(origin)),
    compared("c. A stream of 12 events, opened to closed", "stream", opened, {
      row: "stream of 12 events, opened to closed",
    }),
    {
      title: "c. Until the first text, in a stream that is then left",
      columns: ["contender", "wall µs", "CPU µs, opening and leaving", "x"],
      rows: first.map(({ name, given = 0, cpu, ratio }) => [name, given * 1000, cpu, ratio]),
    },
  ];
}

async function manyStreams(origin: string): Promise<Table[]> {
  const [count, texts] = [50, 400];
  const contenders = together(wholly(await all(origin, `written/${texts}`), texts), count);
  const figures = await measure(contenders, baseline, { rounds: 5, warmUp: 1, units: count * texts, limit: 90_000 });
  const title = `c. An event, ${count} streams of ${texts} at once, one event a write`;
  return [compared(title, "event", figures, { row: "the same, 50 streams at once" })];
}

/** (c) One event a millisecond: most of the time is waiting. */
export async function pacedStream(origin: string): Promise<Table[]> {
  const [count, texts] = [8, 500];
  const contenders = together(wholly(openaiReaders(origin, `paced/${texts}`), texts), count);
  const figures = await measure(contenders, baseline, { rounds: 5, warmUp: 1, units: count * texts });
  return [compared("c. An event, one a millisecond, eight streams at a time", "event", figures)];
}

/** (c) Streamed text through Anthropic's SDK. */
export async function anthropicStream(origin: string): Promise<Table[]> {
  const route = `text/${chunks}`;
  const readers = [...anthropicReaders(origin, route), ...(await peerReaders(origin, route, "anthropic"))];
  const figures = await measure(wholly(readers, chunks), baseline, { rounds: 11, warmUp: 25, units: chunks });
  return [
    compared("c. An event of 2,000 of Anthropic's, at once", "event", figures, {
      row: "event, Anthropic's SDK, burst",
    }),
  ];
}
