import { afterAll } from "vitest";
import { guardProcess } from "./process-guards.ts";

/** Guards the process for as long as one test file runs, and fails that file if it was not left alone. */
export function setup(): void {
  const guard = guardProcess();
  // Hooks run last in, first out: the files' own clean-up is done by then.
  afterAll(() => guard.release());
}

setup();
