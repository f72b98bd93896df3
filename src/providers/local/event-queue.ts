/**
 * Work that reports events, as something to iterate. The work goes on at its own pace, however slowly it is read, so that
 * whoever waits for its end never waits for a reader. Leaving the loop aborts it.
 */
export async function* eventsOf<Event>(
  work: (emit: (event: Event) => void, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Event, undefined> {
  const left = new AbortController();
  const events: Event[] = [];
  let wake = () => {};
  let ended = false;
  const joined = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]);
  const emit = (event: Event) => {
    events.push(event);
    wake();
  };
  const done = work(emit, joined).finally(() => {
    ended = true;
    wake();
  });
  // Whoever reads to the end gets the error; one who left does not want it.
  done.catch(() => {});
  try {
    for (let next = 0; !ended || next < events.length; ) {
      if (next < events.length) yield events[next++] as Event;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    await done;
  } finally {
    left.abort();
  }
}
