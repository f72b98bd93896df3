// What `node:util`'s type checks tell, without loading that module: also of objects from another realm. A value that lies
// about its tag is a class of the program's own, not data from outside.

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

export function isUint8Array(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && tagOf(value) === "Uint8Array";
}

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  const tag = tagOf(value);
  return typeof value === "object" && (tag === "ArrayBuffer" || tag === "SharedArrayBuffer");
}

export function isDate(value: unknown): value is Date {
  return typeof value === "object" && tagOf(value) === "Date";
}

export function isPromise(value: unknown): boolean {
  return typeof value === "object" && tagOf(value) === "Promise";
}

export function isBoxedPrimitive(value: unknown): boolean {
  return typeof value === "object" && ["Number", "String", "Boolean", "BigInt", "Symbol"].includes(tagOf(value));
}
