/** An iterator that can give what it already holds without a promise: many events come in one piece of a network's. */
export interface Buffered<Value> {
  /** The next value, or the end; `undefined` where it has to be waited for by `next`. Throws as `next` rejects. */
  nextNow(): IteratorResult<Value, undefined> | undefined;
}

/** An iterator that may be one. */
export type MaybeBuffered = AsyncIterator<object> & Partial<Buffered<object>>;
