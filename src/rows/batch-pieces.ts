import type { BatchAnswer } from "../contract/batch.ts";
import { ConfigError } from "../errors/errors.ts";
import { type Came, receivedIn } from "./batch-answer.ts";
import type { OpenBatch } from "./batch-store.ts";

/** So many at once. */
export function* chunks<Value>(values: readonly Value[], size: number): Generator<readonly Value[]> {
  for (let from = 0; from < values.length; from += size) yield values.slice(from, from + size);
}

/** The same of what comes bit by bit. */
export async function* chunked<Value>(
  values: AsyncIterable<Value> | Iterable<Value>,
  size: number,
): AsyncGenerator<readonly Value[]> {
  let some: Value[] = [];
  for await (const value of values) {
    some.push(value);
    if (some.length < size) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

/** What came for a row, at the batch's price. */
export function cameOf({ response, error }: BatchAnswer<object>, { since }: OpenBatch): Came {
  return response === undefined ? { error } : receivedIn(response, since);
}

export function tooFew(count: number, fewest: number): ConfigError {
  return new ConfigError(
    `The service takes no batch of fewer than ${fewest} requests, and there are ${count}: use map() for so few.`,
  );
}

export function tooLarge(bytes: number, most: number): ConfigError {
  return new ConfigError(`The request has ${bytes} bytes, and a batch at most ${most}: use map() for it.`);
}
