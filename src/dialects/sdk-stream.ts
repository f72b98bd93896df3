/** A stream as the SDKs of this family make it of a response. */
export interface SdkStream<Chunk> extends AsyncIterable<Chunk> {
  readonly controller: AbortController;
  readonly iterator: () => AsyncIterator<Chunk>;
  readonly constructor: SdkStreamClass<Chunk>;
}

interface SdkStreamClass<Chunk> {
  readonly prototype: object;
  fromSSEResponse(response: object, controller: AbortController, client: object): SdkStream<Chunk>;
}

/** True for a stream as the SDK makes it of a response. A branch of one, or one of another class, has another source. */
export function isOfResponse<Chunk>(stream: AsyncIterable<Chunk>): stream is SdkStream<Chunk> {
  const { iterator, controller, constructor: made } = stream as Partial<SdkStream<Chunk>>;
  if (typeof made?.fromSSEResponse !== "function" || made.prototype !== Object.getPrototypeOf(stream)) return false;
  if (typeof iterator !== "function" || !(controller instanceof AbortController)) return false;
  return `${iterator}` === `${made.fromSSEResponse({}, new AbortController(), silent).iterator}`;
}

/** True where what is read is read through no iterator of somebody else. */
export function isUnwatched(stream: object, method: unknown): boolean {
  return (
    method === Reflect.get(Object.getPrototypeOf(stream), Symbol.asyncIterator) && /this\.iterator\(/.test(`${method}`)
  );
}

/** A client for an SDK that is asked what an event is: it prints nothing. */
export const silent = { logLevel: "off" };
