/** An iterator that can give what it already holds without a promise: many events come in one piece of a network's. */
export interface Buffered<Value> {
  /** The next value, or the end; `undefined` where it has to be waited for. Throws as `next` rejects. */
  nextNow(): IteratorResult<Value, undefined> | undefined;
  /**
   * Waits until `nextNow` may have more, or an error to throw. It is settled soon after the request is aborted, too. Whoever
   * waits by it hands a value through all that stands between without a promise for each.
   */
  readonly ready?: (() => Promise<void>) | undefined;
}

/** An iterator that may be one, and may stand aside. */
export interface MaybeBuffered extends AsyncIterator<object>, Partial<Buffered<object>> {
  /** Set once nothing is done here any more: the very same values can be read from what is inside. */
  readonly inside?: MaybeBuffered | undefined;
}

/** What gives the values in the end, once whatever stands around it stands aside. */
export function innermost(events: MaybeBuffered): MaybeBuffered {
  let reached = events;
  while (reached.inside !== undefined) reached = reached.inside;
  return reached;
}
