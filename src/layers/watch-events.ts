import type { Answer } from "../contract/answer.ts";
import type { EventStream } from "../contract/layer.ts";
import type { ReceivedNotes } from "../contract/received.ts";
import { EventsToldBy } from "../contract/told-inside.ts";

/** An answer as it came: of a stream what its events have said so far. */
export interface CameSoFar {
  readonly answer: Answer | undefined;
  readonly notes?: ReceivedNotes | undefined;
}

/** Who follows one request: from its start, which was before, to its one end. */
export interface Follower {
  /** Runs work in the async context of what is followed. */
  run<Result>(work: () => Result): Result;
  /** An event has come. */
  event(): void;
  end(came: () => CameSoFar): void;
  /** Its stream was left before its end. */
  leave(came: () => CameSoFar): void;
  fail(error: unknown, came?: () => CameSoFar): void;
}

/** The same events, one by one as they are; who follows them is told of their end, however they end. */
export function watchEvents(inner: EventStream, follower: Follower, signal: AbortSignal | undefined): EventStream {
  const came = () => ({ answer: inner.answer, notes: inner.notes });
  const forget = endWithSignal(signal, (reason) => follower.fail(reason, came));
  const iterate = (): AsyncIterator<object> => {
    const events = follower.run(() => inner[Symbol.asyncIterator]());
    return {
      async next() {
        try {
          const step = await follower.run(() => events.next());
          if (step.done) {
            follower.end(came);
            forget();
          } else follower.event();
          return step;
        } catch (error) {
          follower.fail(error, came);
          forget();
          throw error;
        }
      },
      async return() {
        follower.leave(came);
        forget();
        await follower.run(async () => events.return?.());
        return { done: true, value: undefined };
      },
    };
  };
  return new EventsToldBy(iterate, () => inner);
}

/**
 * Ends what nobody may ask for a further event of, when its signal is aborted. A stream that is left aborts its signal,
 * too, and says so in the same moment: it is heard first. Gives what forgets the signal.
 */
export function endWithSignal(signal: AbortSignal | undefined, end: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => {};
  const abort = () => queueMicrotask(() => end(signal.reason));
  signal.addEventListener("abort", abort, { once: true });
  return () => signal.removeEventListener("abort", abort);
}
