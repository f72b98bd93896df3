// The room each run of bytes has: the array it was last shown in lies at the start of it.
const rooms = new WeakMap<Uint8Array, Uint8Array<ArrayBuffer>>();

/**
 * The bytes so far with some more, which are copied, and they alone: there is room left at the end, twice as much each
 * time it is used up. What was given before stays as it was.
 */
export function appendBytes(known: Uint8Array | undefined, added: Uint8Array): Uint8Array {
  if (known === undefined) return added;
  const length = known.length + added.length;
  let room = rooms.get(known);
  if (room === undefined || room.length < length) {
    room = new Uint8Array(2 * length);
    room.set(known);
  }
  room.set(added, known.length);
  const grown = room.subarray(0, length);
  rooms.delete(known);
  rooms.set(grown, room);
  return grown;
}

/** The same bytes without room to grow. */
export function trimBytes(bytes: Uint8Array): Uint8Array {
  return rooms.has(bytes) ? bytes.slice() : bytes;
}
