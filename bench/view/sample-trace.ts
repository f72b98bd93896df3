import { closeSync, openSync, writeSync } from "node:fs";

// A trace as `callscope/trace` writes it, made by a counter and not by calls: so many calls, over some hours, of which
// some are loops with tools, some stream, some are tried again, some fail.

const models = [
  ["openai", "gpt-5.6-sol", 1.25, 10],
  ["openai", "gpt-4o-mini", 0.15, 0.6],
  ["anthropic", "claude-haiku-4-5", 1, 5],
  ["anthropic", "claude-sonnet-4-5", 3, 15],
  ["gemini", "gemini-2.5-flash", 0.3, 2.5],
  ["mistral", "mistral-small-latest", 0.1, 0.3],
] as const;
const genres = ["fantasy", "crime", "history", "poetry", "science fiction", "travel", "biography", "philosophy"];
const titles = [
  "Dune",
  "The Name of the Rose",
  "Beloved",
  "Middlemarch",
  "Solaris",
  "Austerlitz",
  "The Waves",
  "Pedro Páramo",
];
const filler =
  "The shop is small, its shelves are full, and whoever asks for a book wants to hear in two sentences what it is about, whom it is for, and why this one and no other. ";

/** How a sample is made. */
export interface SampleOptions {
  readonly calls: number;
  /** Bytes of one call, about. */
  readonly bytes?: number;
  /** Epoch milliseconds of the first call. */
  readonly from?: number;
  /** Milliseconds from the first call to the last. */
  readonly over?: number;
}

/** Writes it. */
export function writeSample(path: string, options: SampleOptions): void {
  const file = openSync(path, "w", 0o600);
  let waiting: string[] = [];
  for (const line of sampleLines(options)) {
    waiting.push(line);
    if (waiting.length < 5000) continue;
    writeSync(file, `${waiting.join("\n")}\n`);
    waiting = [];
  }
  writeSync(file, waiting.length > 0 ? `${waiting.join("\n")}\n` : "");
  closeSync(file);
}

/** Its lines. */
export function* sampleLines({
  calls,
  bytes = 2000,
  from = Date.UTC(2026, 10, 28, 6),
  over = 20 * 3_600_000,
}: SampleOptions) {
  const trace = "6f0d9a52-6f0b-4d0e-9d5c-0c9b8f1c2d3e";
  const random = lottery(7);
  let id = 0;
  const line = (type: string, phase: string, at: number, head: object, data: object) =>
    JSON.stringify({ type, phase, ...head, trace, at: new Date(at).toISOString(), ...data });
  yield JSON.stringify({ type: "trace", version: 1, trace, at: new Date(from).toISOString() });
  const prompt = filler.repeat(Math.max(1, Math.round((bytes - 1150) / filler.length)));
  for (let call = 0; call < calls; call++) {
    // More by day than by night.
    const at = from + Math.floor(over * (call / calls + 0.02 * Math.sin(call / 700)));
    const which = Math.floor(random() ** 1.6 * models.length);
    const [provider, model, input, output] = models[which] ?? models[0];
    const genre = genres[call % genres.length];
    const asked = { role: "user", content: `Recommend a ${genre} book, number ${call}.` };
    const messages = [{ role: "system", content: `You are a bookseller. ${prompt}` }, asked];
    const settings = { maxTokens: 400, temperature: 0.4 };
    const cost = (read: number, wrote: number) => Number(((read * input + wrote * output) / 1e6).toFixed(8));
    const request = (
      parent: number | undefined,
      begins: number,
      ms: number,
      more: object,
      end: object,
      said: readonly object[],
    ) => {
      const own = ++id;
      const head = { provider, model, purpose: "call", attempt: 1, stream: false, settings, ...more, messages: said };
      return [
        line("request", "start", begins, { id: own, ...(parent !== undefined && { parent }) }, head),
        line("request", "end", begins + ms, { id: own, ms }, end),
      ];
    };
    const answered = (content: unknown, read: number, wrote: number, stopReason = "stop") => ({
      response: `resp-${call}`,
      model,
      stopReason,
      requestId: `req_${call.toString(36)}`,
      inputTokens: read,
      outputTokens: wrote,
      tokens: { input: read, output: wrote },
      cost: cost(read, wrote),
      message: { role: "assistant", content },
    });
    const read = 180 + Math.floor(random() * 900);
    const wrote = 30 + Math.floor(random() * 350);
    const ms = 300 + Math.floor(random() ** 4 * 9000);
    const text = `${titles[call % titles.length]}: ${filler.slice(0, 80 + (call % 80))}`;
    const kind = call % 20;
    if (kind === 3) {
      const run = ++id;
      const args = [genre];
      yield line("run", "start", at, { id: run }, { provider, model, args });
      const use = {
        type: "tool_call",
        id: `call_${call}`,
        name: "search_books",
        arguments: JSON.stringify({ genre, inStock: true }),
      };
      const found = JSON.stringify({ found: titles.slice(0, 3), shelf: "B 4" });
      yield* request(
        run,
        at + 2,
        ms,
        { purpose: "step", tools: ["search_books", "price_of"] },
        answered([use], read, 24, "tool_calls"),
        messages,
      );
      const tool = ++id;
      yield line(
        "tool",
        "start",
        at + ms + 4,
        { id: tool, parent: run },
        { name: "search_books", call: use.id, description: "Looks for books in the shop.", input: use.arguments },
      );
      yield line("tool", "end", at + ms + 94, { id: tool, ms: 90 }, { output: found });
      const more = [
        ...messages,
        { role: "assistant", content: [use] },
        { role: "tool", content: [{ type: "tool_result", id: use.id, name: use.name, content: found }] },
      ];
      yield* request(
        run,
        at + ms + 97,
        ms,
        { purpose: "step", tools: ["search_books", "price_of"] },
        answered(text, read + 80, wrote),
        more,
      );
      yield line(
        "run",
        "end",
        at + 2 * ms + 98,
        { id: run, ms: 2 * ms + 98 },
        { status: "done", requests: 2, cost: cost(2 * read + 80, wrote + 24) },
      );
    } else if (kind === 7) {
      const own = ++id;
      yield line(
        "request",
        "start",
        at,
        { id: own },
        { provider, model, purpose: "call", attempt: 1, stream: true, settings, messages },
      );
      yield line(
        "request",
        "end",
        at + ms,
        { id: own, ms },
        { firstMs: Math.floor(ms / 4), ...answered(text, read, wrote) },
      );
    } else {
      const own = ++id;
      yield line("call", "start", at, { id: own }, { provider, model, args: [genre, call] });
      const failed = {
        error: {
          name: "RateLimitError",
          kind: "rate_limit",
          status: 429,
          message: "429 Rate limit reached for requests",
        },
      };
      if (kind === 11) yield* request(own, at + 1, 140, {}, failed, messages);
      const begins = at + (kind === 11 ? 700 : 1);
      if (call % 50 === 19) {
        const broken = { error: { name: "APIConnectionTimeoutError", kind: "timeout", message: "Request timed out." } };
        yield* request(own, begins, ms, {}, broken, messages);
        yield line("call", "end", begins + ms, { id: own, ms: ms + 1 }, broken);
      } else {
        yield* request(own, begins, ms, kind === 11 ? { attempt: 2 } : {}, answered(text, read, wrote), messages);
        yield line("call", "end", begins + ms, { id: own, ms: begins - at + ms }, { cost: cost(read, wrote) });
      }
    }
  }
}

function lottery(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

if (import.meta.main) {
  const [path = "sample.jsonl", calls = "100000", bytes = "2000"] = process.argv.slice(2);
  writeSample(path, { calls: Number(calls), bytes: Number(bytes) });
}
