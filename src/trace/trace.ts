import {
  type EventStream,
  type Layer,
  type LoopEnd,
  leftWith,
  type Outgoing,
  passesEvents,
} from "../contract/layer.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import type { Redact } from "../json/scrub.ts";
import { type Follower, watchEvents } from "../layers/watch-events.ts";
import { type Entry, Journal } from "./journal.ts";
import { LineWriter, type TraceSink } from "./line-writer.ts";
import { answerTold, errorTold, failureTold, loopTold, requestTold } from "./told.ts";

/** What a trace leaves out. */
export interface TraceOptions {
  /** Decides about each value by the path to it, before what looks like a key or a password is taken out. */
  readonly redact?: Redact | undefined;
}

/** The layer, and its lines. */
export interface TraceLayer extends Layer {
  /** Waits until every line is written. Throws the first error of writing since it was last asked. */
  flush(): Promise<void>;
}

/**
 * A layer that writes what happens as lines of JSON, to a file (added at its end; made for its owner alone) or to
 * `write(line)`: runs of loops, calls, requests with each attempt, tools, with tokens, US dollars, prompts and answers.
 * Headers are never written, and what looks like a key or a password is not. It never fails or delays a call; `flush`
 * waits for the lines. Throws `ConfigError`.
 */
export function trace(target: string | TraceSink, options: TraceOptions = {}): TraceLayer {
  check(target, options);
  const writer = new LineWriter(target);
  const journal = new Journal(writer, options.redact);
  return {
    name: "trace",
    perRequest: true,
    [passesEvents]: true,
    flush: () => writer.flush(),
    async send(request, next) {
      const following = followed(journal, request);
      try {
        const received = await following.run(() => next(request));
        following.end(() => ({ answer: request.read(received), notes: received }));
        return received;
      } catch (error) {
        following.fail(error);
        throw error;
      }
    },
    stream(request, next): EventStream {
      const following = followed(journal, request);
      try {
        const events = following.run(() => next(request));
        return watchEvents(events, following, request.signal);
      } catch (error) {
        following.fail(error);
        throw error;
      }
    },
    tool: (use, next) => {
      const { name, id, input, description } = use;
      const entry = journal.begin("tool", () => ({ name, call: id, description, input }));
      return followedWork(
        entry,
        () => next(use),
        (output) => ({ output }),
      );
    },
    call: (use, next) => {
      const { provider, model, metadata, args } = use;
      const entry = journal.begin("call", () => ({ provider, model, metadata, args }));
      return followedWork(
        entry,
        () => next(use),
        ({ response }) => ({ cost: response?.total.cost }),
      );
    },
    loop: (run, next) => {
      const { provider, model, metadata, args } = run;
      const entry = journal.begin("run", () => ({ provider, model, metadata, args }));
      return followedWork(entry, () => next(run), loopTold);
    },
  };
}

function check(target: unknown, options: unknown): void {
  const isSink = typeof (target as TraceSink | null)?.write === "function";
  if ((typeof target !== "string" || target === "") && !isSink) {
    throw new ConfigError(`trace() writes to a path or to { write(line) }; it was given ${describe(target)}.`);
  }
  if (typeof options !== "object" || options === null) {
    throw new ConfigError(`trace() takes an object of options; it was given ${describe(options)}.`);
  }
  const unknown = unknownKey("trace() has no option", options, ["redact"]);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { redact } = options as TraceOptions;
  if (redact === undefined || typeof redact === "function") return;
  throw new ConfigError(`\`redact\` is a function of a value and its path; it was given ${describe(redact)}.`);
}

async function followedWork<Result>(
  entry: Entry,
  work: () => Promise<Result>,
  told: (result: Result) => object,
): Promise<Result> {
  try {
    const result = await entry.run(work);
    entry.end(() => told(result));
    return result;
  } catch (error) {
    const left = (error as { readonly [leftWith]?: LoopEnd } | null | undefined)?.[leftWith];
    entry.end(() => (left === undefined ? errorTold(error) : loopTold(left)));
    throw error;
  }
}

function followed(journal: Journal, request: Outgoing): Follower {
  const entry = journal.begin("request", () => requestTold(request));
  let firstMs: number | undefined;
  const told = (more: object) => ({ firstMs, ...more });
  return {
    run: (work) => entry.run(work),
    event() {
      firstMs ??= entry.ms;
    },
    end: (came) => entry.end(() => told(answerTold(came(), true))),
    leave: (came) => entry.end(() => told({ left: true, ...answerTold(came(), false) })),
    fail: (error, came) =>
      entry.end(() => told({ ...failureTold(error), ...(came !== undefined && answerTold(came(), false)) })),
  };
}
