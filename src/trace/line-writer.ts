import { ConfigError } from "../errors/errors.ts";

/** Where the lines of a trace go, one call a line, without its line feed. A promise is waited for before the next line. */
export interface TraceSink {
  write(line: string): void | Promise<void>;
}

// What holds prompts is for its owner alone.
const ownerOnly = 0o600;

/** Writes lines in the order in which they were given, beside what is going on; a failure is kept for `flush`. */
export class LineWriter {
  readonly #write: (lines: readonly string[]) => Promise<void>;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(target: string | TraceSink) {
    this.#write = typeof target === "string" ? toFile(target) : toSink(target);
  }

  add(line: string): void {
    this.#waiting.push(line);
    this.#writing ??= this.#drain();
  }

  /** Waits until all that was given is written. Throws the first error of writing. */
  async flush(): Promise<void> {
    await this.#writing;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }

  async #drain(): Promise<void> {
    // What comes in the same turn is written at once.
    await undefined;
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(lines);
      } catch (error) {
        this.#failure ??= { error };
      }
    }
    this.#writing = undefined;
  }
}

function toFile(path: string): (lines: readonly string[]) => Promise<void> {
  // Not imported: a bundle for a runtime without files has no trace of them.
  const files = globalThis.process?.getBuiltinModule?.("node:fs/promises");
  const paths = globalThis.process?.getBuiltinModule?.("node:path");
  if (files === undefined || paths === undefined) {
    throw new ConfigError("trace() got the path of a file, and this runtime has no files: give { write(line) }.");
  }
  const { appendFile, mkdir } = files;
  let made: Promise<unknown> | undefined;
  return async (lines) => {
    made ??= mkdir(paths.dirname(path), { recursive: true });
    await made;
    await appendFile(path, lines.map((line) => `${line}\n`).join(""), { mode: ownerOnly });
  };
}

function toSink(sink: TraceSink): (lines: readonly string[]) => Promise<void> {
  return async (lines) => {
    for (const line of lines) await sink.write(line);
  };
}
