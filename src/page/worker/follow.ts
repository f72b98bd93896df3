import type { Progress } from "../protocol.ts";
import type { TraceIndex } from "./index-of-trace.ts";

/** Who is told how the reading goes. */
export interface Listener {
  /** Further lines may be there. */
  grown(progress: Progress): void;
  /** The file was replaced by another one: everything begins anew. Gives the index for it. */
  reset(): TraceIndex;
}

// Milliseconds of work before others have their turn: the answer to a question waits no longer.
const stretch = 12;
const again = 1000;

/** Reads the file, and goes on reading while it grows, for as long as the page is there. */
export async function follow(url: string, index: TraceIndex, listener: Listener): Promise<never> {
  const file = new FileReading(index, listener);
  for (;;) {
    try {
      await file.read(url);
    } catch {
      file.tell("broken");
    }
    await new Promise((done) => setTimeout(done, again));
  }
}

class FileReading {
  #index: TraceIndex;
  readonly #listener: Listener;
  /** Which file it is; `""` while there is none. */
  #file = "";
  #size = 0;

  constructor(index: TraceIndex, listener: Listener) {
    this.#index = index;
    this.#listener = listener;
  }

  /** Reads from where it is, until the server ends the answer. */
  async read(url: string): Promise<void> {
    const from = this.#index.bytes.size;
    const response = await fetch(`${url}?from=${from}&file=${encodeURIComponent(this.#file)}`);
    if (response.status === 409) {
      this.#index = this.#listener.reset();
      this.#file = "";
      return this.read(url);
    }
    if (!response.ok || response.body === null) throw new Error(`The server answered ${response.status}.`);
    this.#file = response.headers.get("x-trace-file") ?? "";
    this.#size = Number(response.headers.get("x-trace-size"));
    this.tell();
    const reader = response.body.getReader();
    let since = performance.now();
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      this.#index.take(step.value);
      // What is live is told at once; while much is still to be read, after a stretch of work.
      const isBehind = this.#index.bytes.size < this.#size;
      if (isBehind && performance.now() - since < stretch) continue;
      this.tell();
      await othersTurn();
      since = performance.now();
    }
    this.tell();
  }

  tell(state: Progress["state"] = this.#state()): void {
    const { bytes, lines, unreadable, roots } = this.#index;
    this.#listener.grown({
      read: bytes.size,
      size: Math.max(this.#size, bytes.size),
      state,
      lines: lines.count,
      unreadable,
      runs: roots.count,
    });
  }

  #state(): Progress["state"] {
    if (this.#file === "") return "waiting";
    return this.#index.bytes.size < this.#size ? "loading" : "live";
  }
}

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** Lets the messages that wait be taken; a timer would wait four milliseconds. */
export function othersTurn(): Promise<void> {
  return new Promise((done) => {
    waiting.push(done);
    channel.port2.postMessage(undefined);
  });
}
