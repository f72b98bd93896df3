import type { EventStream } from "../contract/layer.ts";
import type { RequestSpan } from "./recorder.ts";

/** The same events, one by one as they are; the span ends with them, however they end. */
export function watchEvents(inner: EventStream, span: RequestSpan, signal: AbortSignal | undefined): EventStream {
  const came = () => ({ answer: inner.answer, notes: inner.notes });
  const forget = endWithSignal(signal, (reason) => span.fail(reason, came));
  return {
    get head() {
      return inner.head;
    },
    get notes() {
      return inner.notes;
    },
    get answer() {
      return inner.answer;
    },
    [Symbol.asyncIterator]() {
      const events = span.run(() => inner[Symbol.asyncIterator]());
      return {
        async next() {
          try {
            const step = await span.run(() => events.next());
            if (step.done) {
              span.end(came);
              forget();
            } else span.event();
            return step;
          } catch (error) {
            span.fail(error, came);
            forget();
            throw error;
          }
        },
        async return() {
          span.leave(came);
          forget();
          await span.run(async () => events.return?.());
          return { done: true, value: undefined };
        },
      };
    },
  };
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
