// Bytes and their text, on any runtime: by Node's own buffers where there are such, else by what browsers and workers have.

interface NodeBuffers {
  from(text: string, encoding: "base64"): Uint8Array & { toString(encoding: "base64"): string };
  from(bytes: ArrayBufferLike, offset: number, length: number): { toString(encoding: "base64"): string };
}

let found: NodeBuffers | null | undefined;

function buffers(): NodeBuffers | null {
  found ??= (globalThis.process?.getBuiltinModule?.("node:buffer")?.Buffer as NodeBuffers | undefined) ?? null;
  return found;
}

/** Bytes as base64. */
export function toBase64(bytes: Uint8Array | ArrayBuffer): string {
  const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  const native = buffers();
  if (native !== null) return native.from(view.buffer, view.byteOffset, view.byteLength).toString("base64");
  return btoa(latin1(view));
}

/** The bytes of base64, what is no digit of it left out. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = buffers();
  // A copy of their own: small ones lie in a pool that all share.
  if (native !== null) return new Uint8Array(native.from(text, "base64"));
  const digits = text
    .replace(/-/g, "+")
    .replace(/_/g, "/")
    .replace(/[^A-Za-z0-9+/]/g, "");
  const characters = atob(digits.length % 4 === 1 ? digits.slice(0, -1) : digits);
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

/** Pieces of base64, each whole by itself, as one. */
export function joinBase64(pieces: readonly string[]): string {
  const parts = pieces.map(fromBase64);
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return toBase64(whole);
}

/** Bytes as text of one character a byte. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  // A call can have only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x2000) text += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  return text;
}
