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

/** A store in this process. `now` is a clock that never goes back, in milliseconds. */
export function localLimitStore(now: () => number = () => performance.now()): LimitStore {
  return new LocalBooks(now);
}

class LocalBooks implements LimitStore {
  readonly #now: () => number;
  // When each started and what it uses, in the order of their starts; those before `#first` have left the window. Numbers
  // alone, since a minute can hold very many.
  readonly #times: number[] = [];
  readonly #used: number[] = [];
  // Where each stands that is under way, counted from the very first, of which `#cut` are there no more.
  readonly #open = new Map<string, number>();
  #first = 0;
  #cut = 0;
  #sum = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
  }

  take({ id, tokens }: LimitRequest, rates: LimitRates): number {
    const time = this.#now();
    this.#forget(time);
    const { requests = Number.POSITIVE_INFINITY, tokens: most = Number.POSITIVE_INFINITY } = rates;
    const times = this.#times;
    let at = Math.max(time, this.#pausedUntil);
    if (times.length - this.#first >= requests) {
      at = Math.max(at, (times[times.length - requests] as number) + window);
    }
    if (this.#sum + tokens > most) at = Math.max(at, this.#whenTokensFit(most - tokens, time));
    if (at > time) return at - time;
    if (rates.requests === undefined && rates.tokens === undefined) return 0;
    this.#open.set(id, this.#cut + times.length);
    times.push(time);
    this.#used.push(tokens);
    this.#sum += tokens;
    return 0;
  }

  settle(id: string, tokens: number | undefined): void {
    const place = this.#open.get(id);
    this.#open.delete(id);
    if (place === undefined || tokens === undefined) return;
    const index = place - this.#cut;
    // What it turns out to have used lies in no window any more.
    if (index < this.#first) return;
    this.#sum += tokens - (this.#used[index] as number);
    this.#used[index] = tokens;
  }

  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + ms);
  }

  #forget(time: number): void {
    const times = this.#times;
    while (this.#first < times.length && (times[this.#first] as number) <= time - window) {
      this.#sum -= this.#used[this.#first] as number;
      this.#first++;
    }
    // The front is cut off now and then: a start costs the same, however many there were.
    if (this.#first <= 1024 || this.#first * 2 <= times.length) return;
    times.splice(0, this.#first);
    this.#used.splice(0, this.#first);
    this.#cut += this.#first;
    this.#first = 0;
  }

  /** When the window holds no more than `most` tokens. */
  #whenTokensFit(most: number, time: number): number {
    let left = this.#sum;
    for (let index = this.#first; index < this.#times.length && left > most; index++) {
      left -= this.#used[index] as number;
      if (left <= most) return (this.#times[index] as number) + window;
    }
    return time;
  }
}
