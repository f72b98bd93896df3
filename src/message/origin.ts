import type { Message, NativeOrigin } from "./parts.ts";

// Data from outside can have any shape, so a turn's native form counts by where it comes from: no JSON, form or queue can
// make a symbol. It is the same one for all copies of this package in a process, and a copied message keeps the origin.
const mark = Symbol.for("callscope.native");

/** The same origin, marked as made by this library: the native form of the turn is sent back as it is. */
export function madeHere(origin: NativeOrigin): NativeOrigin {
  return Object.defineProperty(origin, mark, { value: true });
}

/** True for an origin that this library marked, in whatever copy of the package. */
export function isMadeOrigin(origin: object): boolean {
  return Object.hasOwn(origin, mark);
}

/** True for a message that brings a native form of its own, which chooses role and content of what would be sent. */
export function isForged(message: object): boolean {
  if (!("native" in message) || message.native === undefined) return false;
  return typeof message.native !== "object" || message.native === null || !isMadeOrigin(message.native);
}

/** The neutral turn alone of a message that `isForged`; any other as it is. */
export function withoutForged(message: Message | object): Message | object {
  if (!isForged(message)) return message;
  const { native: _, ...turn } = message as Message;
  return turn;
}

// The same for a medium that lies at an address: only what this library made is one where data can come from outside.
const mediumMark = Symbol.for("callscope.medium");

/** The same medium, marked as made by `image()` or one of its siblings. */
export function mediumMadeHere<Medium extends object>(medium: Medium): Medium {
  return Object.defineProperty(medium, mediumMark, { value: true });
}

/** True for a medium that this library made, in whatever copy of the package. */
export function isMadeHere(medium: object): boolean {
  return Object.hasOwn(medium, mediumMark);
}
