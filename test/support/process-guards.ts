import { resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";

/** What watches this process (in a worker: this thread) between `guardProcess()` and `release()`. */
export interface ProcessGuard {
  /** A sentence for each thing that happened and should not have. State is compared on `release` only. */
  readonly problems: readonly string[];
  /** Ends the watch, puts the console back and throws one error that lists the problems, if there are any. */
  release(): Promise<void>;
}

/**
 * Watches for what no library may do to the process it runs in: unhandled rejections, process warnings, console
 * output of ours or of an SDK, changed `Object.prototype` or `Array.prototype`, changed `globalThis.fetch` and
 * environment variables. A test that provokes console output on purpose replaces the method (`vi.spyOn`) for itself.
 */
export function guardProcess(): ProcessGuard {
  const problems: string[] = [];
  const note = (problem: string) => void problems.push(problem);
  const compareState = rememberState();
  const releaseConsole = guardConsole(note);
  const onRejection = (reason: unknown) => note(`A rejection was not handled: ${describe(reason)}`);
  const onWarning = (warning: Error) => note(`The process gave a warning: ${describe(warning)}`);
  process.on("unhandledRejection", onRejection);
  process.on("warning", onWarning);
  return {
    problems,
    async release() {
      // Warnings and unhandled rejections are reported after the turn that caused them.
      await nextTurn();
      process.off("unhandledRejection", onRejection);
      process.off("warning", onWarning);
      releaseConsole();
      compareState().forEach(note);
      if (problems.length > 0) throw new Error(`The process was not left alone:\n${problems.join("\n")}`);
    },
  };
}

/** Gives a function that says what differs from now. Values of environment variables are never part of a sentence. */
function rememberState(): () => string[] {
  const { fetch } = globalThis;
  const watched = [
    { name: "Object.prototype", object: Object.prototype },
    { name: "Array.prototype", object: Array.prototype },
    { name: "process.env", object: process.env },
  ].map(({ name, object }) => ({ name, object, before: snapshot(object) }));
  return () => [
    ...(globalThis.fetch === fetch ? [] : ["globalThis.fetch was changed."]),
    ...watched.flatMap(({ name, object, before }) =>
      changedKeys(before, snapshot(object)).map((key) => `${name}.${String(key)} was changed.`),
    ),
  ];
}

/** What each own property holds: its value, or the getter in its place. */
function snapshot(object: object): Map<PropertyKey, unknown> {
  return new Map(
    Reflect.ownKeys(object).map((key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
      return [key, descriptor?.get ?? descriptor?.value];
    }),
  );
}

function changedKeys(before: Map<PropertyKey, unknown>, after: Map<PropertyKey, unknown>): PropertyKey[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => before.has(key) !== after.has(key) || before.get(key) !== after.get(key));
}

const root = resolve(import.meta.dirname, "../..");

/** Lets every call through, and notes those that do not come straight from a test. Gives the undo. */
function guardConsole(note: (problem: string) => void): () => void {
  const restores = Object.entries(console).flatMap(([name, original]) => {
    if (typeof original !== "function") return [];
    function guarded(this: unknown, ...args: unknown[]): unknown {
      const caller = findCaller(guarded);
      if (isWatched(caller)) note(`console.${name} was called by ${caller}`);
      return Reflect.apply(original, this, args);
    }
    Reflect.set(console, name, guarded);
    return [() => void Reflect.set(console, name, original)];
  });
  return () => {
    for (const restore of restores) restore();
  };
}

/** The stack frame that called this function; frames of built-ins like `Array.forEach` are no caller. */
function findCaller(callee: (...args: never[]) => unknown): string {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, callee);
  const frames = (holder.stack ?? "").split("\n").slice(1);
  return (frames.find((frame) => frame.includes("/")) ?? "").trim();
}

/** Our own source and the packages under it are watched, tests and their runner are not. */
function isWatched(frame: string): boolean {
  if (frame.includes(".test.ts")) return false;
  if (frame.includes("/node_modules/")) return !/\/node_modules\/@?vitest\//.test(frame);
  return frame.includes(`${root}/src/`) || frame.includes(`${root}/dist/`);
}

function describe(reason: unknown): string {
  return reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
}
