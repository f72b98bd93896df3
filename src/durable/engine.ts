import type { KeptFailure } from "../errors/kept-failure.ts";

/** What the layer asks of an engine of durable execution. */
export interface Engine {
  /**
   * Runs work once and keeps the text it gives; a run that is replayed gets that text and does not run it again. Takes its
   * place at once, before anything is waited for. The signal ends work that nobody waits for any more: what it throws then
   * is kept by nobody. What `read` makes of the text is given, before any step that ended later.
   */
  step<Value>(
    name: string,
    work: (signal: AbortSignal | undefined) => Promise<string>,
    read: (text: string) => Promise<Value>,
  ): Promise<Value>;
  /** Waits so many milliseconds by the engine's clock: a run that is replayed does not wait again. */
  sleep(ms: number): Promise<unknown>;
  /** True for an error by which work speaks to the engine itself: it is no failure of that work. */
  isOwn(error: unknown): boolean;
  /** What is thrown for a failure that was kept. It ends a run that does not catch it. */
  failed(failure: KeptFailure): Error;
  /** True where a replay gives answers in the order in which they came in the first run. */
  readonly keepsOrder: boolean;
  /** The most bytes a step holds. */
  readonly maxBytes: number | undefined;
}
