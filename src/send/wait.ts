import { noteAttempts } from "../contract/attempts.ts";

// The longest time a timer holds; a longer one would end at once.
const longest = 2 ** 31 - 1;

/** Waits so many milliseconds by the runtime's timer. Rejects with the signal's reason when it is aborted. */
export function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      clearTimeout(timer);
      // The same reason may have ended other calls: what they tried is not of this one.
      noteAttempts(signal?.reason, []);
      reject(signal?.reason);
    };
    if (signal?.aborted) {
      stop();
      return;
    }
    const start = (left: number) => {
      timer = setTimeout(
        () => {
          if (left > longest) {
            start(left - longest);
            return;
          }
          signal?.removeEventListener("abort", stop);
          resolve();
        },
        Math.min(left, longest),
      );
    };
    start(ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
