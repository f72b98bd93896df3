// Milliseconds between two questions to an engine that is away, doubled up to the longest; and until it is given up.
const [shortest, longest, end] = [100, 5000, 300_000];

/** Asks an engine again while it is away: what is asked has an id, and is begun once. Throws what it said last. */
export async function patiently<Value>(ask: () => Promise<Value>, isAway: (error: unknown) => boolean): Promise<Value> {
  let waited = 0;
  for (let pause = shortest; ; pause = Math.min(longest, pause * 2)) {
    try {
      return await ask();
    } catch (error) {
      if (!isAway(error) || waited >= end) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
      waited += pause;
    }
  }
}
