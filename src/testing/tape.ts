import type { Head } from "../contract/head.ts";
import { kindOfLayer, type Layer, type Outgoing, passesEvents } from "../contract/layer.ts";
import type { ReceivedData } from "../contract/received.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import type { Redact } from "../json/scrub.ts";
import { nearest } from "./difference.ts";
import { type Exchange, keyOf, type TapedEnd, type TapedRequest } from "./exchange.ts";
import { ownRequest } from "./own-request.ts";
import { Recorder } from "./recorder.ts";
import { replay } from "./replay.ts";
import { eraseFrom, readTape, writeExchange } from "./tape-file.ts";
import { TapedEvents } from "./taped-events.ts";

/**
 * How a tape is used. `"replay"`: what is not on it fails. `"record"`: what is asked is recorded anew, in the place of its
 * earlier recordings. `"auto"`: what is missing is recorded, but never where the environment variable `CI` is set.
 */
export type TapeMode = "replay" | "record" | "auto";

/** What a tape may be told beside its file. */
export interface TapeOptions {
  /** Default `"auto"`. */
  readonly mode?: TapeMode | undefined;
  /** Decides about each value that is written, beside the keys and passwords that are never written. */
  readonly redact?: Redact | undefined;
}

/** A recording of requests and their answers: a layer. */
export interface Tape extends Layer {
  /** Every request it was asked, in order. */
  readonly requests: readonly Outgoing[];
  /** How many answers came from the tape, and how many were recorded. */
  readonly replayed: number;
  readonly recorded: number;
  /** Throws `ConfigError` where recordings were not asked for. */
  done(): void;
}

/**
 * Records each exact request with its answer, once, and gives it again: whole or streamed, event by event, errors that
 * the provider answered with as its SDK's own. The same request made again has its own recording. The file (`.jsonl`) is
 * for reading: a line for the request, for each event, for the end; keys and passwords are left out of it.
 */
export function tape(file: string, options: TapeOptions = {}): Tape {
  if (typeof file !== "string" || file === "") {
    throw new ConfigError(
      `tape() takes the path of a file, such as "tapes/books.jsonl"; it was given ${describe(file)}.`,
    );
  }
  const unknown = unknownKey("tape() has no option", options, ["mode", "redact"]);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { mode = "auto" } = options;
  if (!["replay", "record", "auto"].includes(mode)) {
    throw new ConfigError(`A tape's mode is "replay", "record" or "auto"; it was given ${JSON.stringify(mode)}.`);
  }
  if (mode === "record" && isCI()) throw new ConfigError(`tape("${file}"): nothing is recorded where CI is set.`);
  return new FileTape(file, mode, options.redact);
}

function isCI(): boolean {
  const { CI } = process.env;
  return CI !== undefined && CI !== "" && CI !== "false" && CI !== "0";
}

/** What is told beside an answer; also that no list has its price, which its client's address said. */
function headIn({ head, unpriced }: Pick<ReceivedData, "head" | "unpriced">): Head | undefined {
  return unpriced === undefined ? head : { ...head, unpriced };
}

/** One request that is being recorded. */
interface Recording {
  readonly number: number;
  readonly asked: TapedRequest;
}

class FileTape implements Tape {
  readonly name: string;
  readonly perRequest = true;
  readonly [kindOfLayer] = "answers";
  readonly [passesEvents] = true;
  readonly requests: Outgoing[] = [];
  replayed = 0;
  recorded = 0;
  readonly #file: string;
  readonly #mode: TapeMode;
  readonly #recorder: Recorder;
  /** What was on the tape, and what of it is still to be given, by request. */
  #known: Exchange[] | undefined;
  readonly #left = new Map<string, Exchange[]>();
  /** The requests whose earlier recordings are gone. */
  readonly #erased = new Set<string>();
  #last = 0;

  constructor(file: string, mode: TapeMode, redact: Redact | undefined) {
    this.name = `tape ${file}`;
    this.#file = file;
    this.#mode = mode;
    this.#recorder = new Recorder(redact);
  }

  async send(request: Outgoing, next: Parameters<NonNullable<Layer["send"]>>[1]) {
    const found = this.#find(request);
    if ("answered" in found) return next(found.answered);
    try {
      const received = await next(request);
      this.#write(found.recording, this.#recorder.response(received.response), headIn(received));
      return received;
    } catch (error) {
      this.#writeError(found.recording, error);
      throw error;
    }
  }

  stream(request: Outgoing, next: Parameters<NonNullable<Layer["stream"]>>[1]) {
    const found = this.#find(request);
    if ("answered" in found) return next(found.answered);
    const { recording } = found;
    const inner = next(request);
    const events: unknown[] = [];
    return new TapedEvents(inner, {
      event: (event) => {
        // As it is now: whoever reads it may keep it and let it grow.
        events.push(this.#recorder.event(event));
      },
      end: (how) => {
        if (how.type === "error") this.#writeError(recording, how.error, inner.head, events);
        else if (how.type === "end" || events.length > 0)
          this.#write(recording, { type: how.type }, headIn({ ...inner.notes, head: inner.head }), events);
      },
    });
  }

  done(): void {
    if (this.#mode === "record") return;
    this.#load();
    const left = [...this.#left.values()].flat();
    if (left.length === 0) return;
    const numbers = left.map(({ number }) => number).join(", ");
    throw new ConfigError(`${this.#file}: ${left.length} recordings were not asked for: ${numbers}.`);
  }

  #find(request: Outgoing): { readonly answered: Outgoing } | { readonly recording: Recording } {
    // Something inside answers already.
    if (request.standIn !== undefined) return { answered: request };
    const known = this.#load();
    this.requests.push(request);
    const asked = this.#recorder.request(request);
    const found = this.#mode === "record" ? undefined : this.#left.get(keyOf(asked))?.shift();
    if (found !== undefined) {
      this.replayed++;
      return { answered: request.with({ standIn: replay(ownRequest(request), found) }) };
    }
    if (this.#mode === "replay" || (this.#mode === "auto" && isCI())) throw this.#miss(asked, known);
    return { recording: { number: ++this.#last, asked } };
  }

  #load(): readonly Exchange[] {
    if (this.#known !== undefined) return this.#known;
    this.#known = readTape(this.#file);
    for (const exchange of [...this.#known].sort((left, right) => left.number - right.number)) {
      const key = keyOf(exchange);
      this.#left.set(key, [...(this.#left.get(key) ?? []), exchange]);
      this.#last = Math.max(this.#last, exchange.number);
    }
    return this.#known;
  }

  #miss(asked: TapedRequest, known: readonly Exchange[]): ConfigError {
    const times = known.filter((exchange) => keyOf(exchange) === keyOf(asked)).length;
    const { provider, model } = asked;
    const what = `${this.#file} has no recording of this request (${provider}, ${model}${asked.stream ? ", streamed" : ""}).`;
    const why =
      times > 0
        ? `It was recorded ${times === 1 ? "once" : `${times} times`}, and asked once more.`
        : (nearest(asked, known) ?? "There is none at all on it.");
    const how =
      this.#mode === "auto"
        ? "Where CI is set nothing is recorded: record it on your own machine."
        : 'Record it with { mode: "auto" }.';
    return new ConfigError(`${what}\n${why}\n${how}`);
  }

  #writeError(recording: Recording, error: unknown, head?: Head, events: readonly unknown[] = []): void {
    const taped = this.#recorder.error(error);
    // A connection that failed, a limit, an abort: nothing that the provider said.
    if (taped !== undefined) this.#write(recording, { type: "error", error: taped }, head, events);
  }

  #write({ number, asked }: Recording, end: TapedEnd, head?: Head, events: readonly unknown[] = []): void {
    const exchange = { number, ...asked, head: this.#recorder.head(head), events: this.#recorder.events(events), end };
    const key = keyOf(asked);
    if (this.#mode === "record" && !this.#erased.has(key)) eraseFrom(this.#file, key);
    this.#erased.add(key);
    writeExchange(this.#file, exchange);
    this.recorded++;
  }
}
