/** What one request takes of a limit. */
export interface LimitRequest {
  /** The request's own id, by which its place is given back. */
  readonly id: string;
  /** About how many tokens it will use, input and output together. */
  readonly tokens: number;
}

/** The limits that a store keeps, for a window of 60 s that slides. */
export interface LimitRates {
  readonly requests: number | undefined;
  readonly tokens: number | undefined;
}

/**
 * Where a limit keeps its books: in this process, or shared by many (`callscope/redis`). Each method is one atomic step.
 */
export interface LimitStore {
  /** Takes the place of a request: 0 where it may start now, else in how many milliseconds to ask again. */
  take(request: LimitRequest, rates: LimitRates): number | Promise<number>;
  /** Corrects what a request has used; `undefined` where it is not known and the estimate stands. */
  settle(id: string, tokens: number | undefined): void | Promise<void>;
  /** Lets nobody start for so many milliseconds. */
  pause(ms: number): void | Promise<void>;
  /** Told of a request that was refused a place and asks no more. */
  cancel?(id: string): void | Promise<void>;
}

/** The window of a limit, milliseconds. */
export const window = 60_000;

interface Start {
  readonly id: string;
  readonly at: number;
  tokens: number;
}

/** A store in this process. `now` is a clock that never goes back, in milliseconds. */
export function localLimitStore(now: () => number = () => performance.now()): LimitStore {
  // In the order of their starts; those before `first` have left the window.
  const starts: Start[] = [];
  const open = new Map<string, Start>();
  let [first, sum] = [0, 0];
  let pausedUntil = Number.NEGATIVE_INFINITY;

  const forget = (time: number) => {
    for (let start = starts[first]; start !== undefined && start.at <= time - window; start = starts[first]) {
      sum -= start.tokens;
      first++;
      // What it turns out to have used lies in no window any more.
      open.delete(start.id);
    }
    // The front is cut off now and then: a start costs the same, however many there were.
    if (first > 1024 && first * 2 > starts.length) {
      starts.splice(0, first);
      first = 0;
    }
  };

  /** When the window holds no more than `most` tokens. */
  const whenTokensFit = (most: number, time: number): number => {
    let left = sum;
    for (let index = first; index < starts.length && left > most; index++) {
      const start = starts[index] as Start;
      left -= start.tokens;
      if (left <= most) return start.at + window;
    }
    return time;
  };

  return {
    take({ id, tokens }, rates) {
      const time = now();
      forget(time);
      let at = Math.max(time, pausedUntil);
      const { requests = Number.POSITIVE_INFINITY, tokens: most = Number.POSITIVE_INFINITY } = rates;
      const count = starts.length - first;
      if (count >= requests) at = Math.max(at, (starts[starts.length - requests] as Start).at + window);
      if (sum + tokens > most) at = Math.max(at, whenTokensFit(most - tokens, time));
      if (at > time) return at - time;
      if (rates.requests === undefined && rates.tokens === undefined) return 0;
      const start = { id, at: time, tokens };
      starts.push(start);
      open.set(id, start);
      sum += tokens;
      return 0;
    },
    settle(id, tokens) {
      const start = open.get(id);
      open.delete(id);
      if (start === undefined || tokens === undefined) return;
      sum += tokens - start.tokens;
      start.tokens = tokens;
    },
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, now() + ms);
    },
  };
}
