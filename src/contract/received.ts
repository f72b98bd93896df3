import { withJsonNumbers } from "../json/json-numbers.ts";
import { decodeBytes, encodeBytes, isEncoded } from "../message/history.ts";
import type { Answer, Attempt } from "./answer.ts";
import type { Head } from "./head.ts";
import type { HttpHead, Provider, ProviderTypes, Reading } from "./provider.ts";

/** What may be true of an answer beside what was said: how it came. */
export interface ReceivedNotes {
  /** What was tried before this answer, in order: each with its cost, and its error where it failed. */
  readonly attempts?: readonly Attempt[] | undefined;
  /** Which leg of a fallback or hedge answered, from 0. */
  readonly leg?: number | undefined;
  /** True where the answer came from a cache: nothing was sent and it cost nothing. */
  readonly cached?: boolean | undefined;
  /** How it was billed, where that is not the list price: `"batch"`. */
  readonly tier?: string | undefined;
  /** Why no list's price holds for it: a sentence. */
  readonly unpriced?: string | undefined;
  /** Epoch milliseconds when it was asked for and when it was whole, where that was not now. */
  readonly startTime?: number;
  readonly endTime?: number;
}

/** The data of `Received`, as a layer may give it: all but `response` is filled in where it is absent. */
export interface ReceivedData<P extends ProviderTypes = ProviderTypes> extends ReceivedNotes {
  readonly version?: 1;
  readonly response: P["Response"];
  /** Epoch milliseconds, just before the request left. */
  readonly startTime?: number;
  /** Epoch milliseconds, when the whole answer was there. */
  readonly endTime?: number;
  readonly head?: Head | undefined;
}

/** The same as it comes from the provider, read already: what a call without layers is made of. */
export interface Came<P extends ProviderTypes> extends ReceivedData<P> {
  readonly startTime: number;
  readonly endTime: number;
  readonly reading: Reading<P> | undefined;
  /** Where `head` is read when somebody asks for it. */
  readonly http?: HttpHead | undefined;
}

/**
 * What came back for one request, and all that is needed to read it later, in another process too. Its JSON form keeps
 * bytes as `{ "$bytes": base64 }`, as `saveHistory` does.
 */
export class Received<P extends ProviderTypes = ProviderTypes> implements ReceivedData<P> {
  readonly version = 1;
  /** The SDK's own object. */
  readonly response: P["Response"];
  readonly startTime: number;
  readonly endTime: number;
  declare readonly head?: Head;
  declare readonly attempts?: readonly Attempt[];
  declare readonly leg?: number;
  declare readonly cached?: boolean;
  declare readonly tier?: string;
  declare readonly unpriced?: string;
  readonly #reading: Reading<P> | undefined;
  readonly #connection: readonly string[] | undefined;
  #readFor: object | undefined;
  #answer: Answer | undefined;

  /** @internal `reading` is what was read of the response already, `connection` what of it is not to be stored. */
  constructor(
    { response, startTime, endTime, head, attempts, leg, cached, tier, unpriced }: ReceivedData<P>,
    reading?: Reading<P>,
    connection?: readonly string[],
  ) {
    this.response = response;
    this.startTime = startTime ?? Date.now();
    this.endTime = endTime ?? Date.now();
    // What is not told is not there, so that the JSON form is short; one by one, since every answer comes by here.
    if (head !== undefined) this.head = head;
    if (attempts !== undefined) this.attempts = attempts;
    if (leg !== undefined) this.leg = leg;
    if (cached !== undefined) this.cached = cached;
    if (tier !== undefined) this.tier = tier;
    if (unpriced !== undefined) this.unpriced = unpriced;
    this.#reading = reading;
    this.#connection = connection;
  }

  /** The same answer with more to tell of it. */
  with(notes: ReceivedNotes): Received<P> {
    return new Received<P>({ ...this, ...notes }, this.#reading, this.#connection);
  }

  /** @internal What it says to the request of one plan, read once for all layers that ask. */
  readOnce<A extends Answer>(plan: object, read: () => A): A {
    if (this.#readFor !== plan) {
      this.#answer = read();
      this.#readFor = plan;
    }
    // What was kept is what `read` gave for this very plan.
    return this.#answer as A;
  }

  toJSON(): object {
    const response = withoutConnection(this.response, this.#connection);
    const data = { ...this, response };
    return isEncoded(data) ? data : (encodeBytes(withJsonNumbers(data)) as object);
  }

  /** @internal With what was read of it already. */
  get came(): Came<P> {
    return { ...this, reading: this.#reading };
  }
}

/** @internal A response or event without what its SDK keeps of the HTTP answer. */
export function withoutConnection(response: object, connection: readonly string[] | undefined): object {
  if (connection === undefined || !connection.some((key) => key in response)) return response;
  return Object.fromEntries(Object.entries(response).filter(([key]) => !connection.includes(key)));
}

/** @internal What a layer gave, as a `Received`. */
export function toReceived<P extends ProviderTypes>(given: ReceivedData<P>): Received<P> {
  return given instanceof Received ? given : new Received<P>(given);
}

/** @internal One that went through JSON, its response as the SDK gave it: of its class, where it has one. */
export async function revivedReceived<P extends ProviderTypes>(
  { revive, connection }: Pick<Provider<P>, "revive" | "connection">,
  given: ReceivedData<P>,
): Promise<Received<P>> {
  const plain = fromJSON(given);
  const response = (await revive?.(plain.response)) ?? plain.response;
  return new Received<P>({ ...plain, response }, undefined, connection);
}

/** @internal One that went through JSON, with its bytes. */
export function fromJSON<Value>(value: Value): Value {
  return decodeBytes(value) as Value;
}
