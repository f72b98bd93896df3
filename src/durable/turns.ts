import type { AsyncLocalStorage } from "node:async_hooks";
import { contextHere } from "../send/context-here.ts";

/** A call or a run of a loop that has begun: its place, and what it was begun in. */
interface Begun {
  readonly place: number;
  readonly within: Begun | undefined;
}

/** A step that waits for its turn. */
interface Waiting {
  /** Set for the first step of a call. */
  readonly place: number | undefined;
  readonly begun: Begun | undefined;
  begin(): void;
}

// Milliseconds a step waits at most for calls that began before it and have not asked yet.
const patience = 1000;

/**
 * The order of steps side by side. An engine knows a step by its place, and a replay is not as fast as the first run was: a
 * module is loaded anew, an answer is there at once. So what begins together takes its turn together, in the order in
 * which it was called; and in step with each other where the engine does not keep in which order answers came.
 */
export class Turns {
  readonly #inStep: boolean;
  readonly #unasked = new Set<Begun>();
  #waiting: Waiting[] = [];
  #gathering = false;
  #running = 0;
  #ended: (() => void)[] = [];
  #count = 0;
  #wake: () => void = () => {};

  /** With `inStep` nothing more begins until all that runs has ended, and all of it ends at once. */
  constructor(inStep: boolean) {
    this.#inStep = inStep;
  }

  /** Runs a call: until it asks for something, those after it wait for it. */
  async call<Value>(work: () => Promise<Value>): Promise<Value> {
    const begun: Begun = { place: this.#count++, within: current() };
    this.#unasked.add(begun);
    try {
      return await asCurrent(begun, work);
    } finally {
      this.#asked(begun);
    }
  }

  /** Runs a step when it is its turn; `begin` takes its place in the engine before it gives anything up. */
  take<Value>(begin: () => Promise<Value>): Promise<Value> {
    const begun = current();
    const isFirst = begun !== undefined && this.#unasked.has(begun);
    return new Promise((resolve, reject) => {
      const place = isFirst ? begun.place : undefined;
      // It begins with others, but in its own async context.
      const here = contextHere();
      this.#waiting.push({ place, begun, begin: () => this.#run(here(begin), resolve, reject) });
      if (isFirst) this.#asked(begun);
      this.#gather();
    });
  }

  #run<Value>(work: Promise<Value>, resolve: (value: Value) => void, reject: (error: unknown) => void): void {
    this.#running++;
    const place = this.#ended.length;
    if (this.#inStep) this.#ended.push(() => {});
    const end = (tell: () => void) => {
      this.#running--;
      if (!this.#inStep) return tell();
      this.#ended[place] = tell;
      if (this.#running > 0) return;
      const ended = this.#ended;
      this.#ended = [];
      for (const one of ended) one();
      this.#gather();
    };
    work.then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(error)),
    );
  }

  #asked(begun: Begun): void {
    this.#unasked.delete(begun);
    this.#wake();
  }

  #gather(): void {
    if (this.#gathering || this.#waiting.length === 0 || (this.#inStep && this.#running > 0)) return;
    this.#gathering = true;
    void this.#begin();
  }

  async #begin(): Promise<void> {
    // What is on its way without waiting for anything is let in.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    const until = performance.now() + patience;
    while (this.#isAwaited() && performance.now() < until) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, until - performance.now());
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#wake = () => {};
    this.#gathering = false;
    const turn = this.#waiting;
    this.#waiting = [];
    const firsts = turn.filter(({ place }) => place !== undefined).sort((a, b) => Number(a.place) - Number(b.place));
    for (const one of [...turn.filter(({ place }) => place === undefined), ...firsts]) one.begin();
  }

  /** Whether a call that began has yet to ask, and is not itself waiting for one of those that wait here. */
  #isAwaited(): boolean {
    const holders = new Set<Begun>();
    for (const { begun } of this.#waiting) for (let one = begun; one !== undefined; one = one.within) holders.add(one);
    for (const one of this.#unasked) if (!holders.has(one)) return true;
    return false;
  }
}

let storage: AsyncLocalStorage<Begun> | undefined;

function current(): Begun | undefined {
  return storage?.getStore();
}

function asCurrent<Value>(begun: Begun, work: () => Value): Value {
  if (storage === undefined) {
    const module = globalThis.process?.getBuiltinModule?.("node:async_hooks");
    if (module === undefined) return work();
    storage = new module.AsyncLocalStorage<Begun>();
  }
  return storage.run(begun, work);
}
