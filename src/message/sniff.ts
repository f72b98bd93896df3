import { latin1 } from "../json/base64.ts";
import type { MediaKind } from "./parts.ts";

/** The formats a message can hold, as errors name them. */
export const formats = {
  image: "JPEG, PNG, GIF, WebP, HEIC or HEIF",
  audio: "WAV, MP3, AIFF, AAC (ADTS), Ogg or FLAC",
  document: "PDF",
} satisfies Record<MediaKind, string>;

/** What the first bytes say a medium is, or `undefined` for any format a message cannot hold. Reads headers only. */
export function sniff(bytes: Uint8Array): { kind: MediaKind; mediaType: string } | undefined {
  for (const [kind, mediaType, magic] of signatures) if (begins(bytes, magic)) return { kind, mediaType };
  const image = heifType(bytes);
  if (image !== undefined) return { kind: "image", mediaType: image };
  const sound = begins(bytes, "ID3") ? taggedType(bytes) : frameType(bytes);
  return sound === undefined ? undefined : { kind: "audio", mediaType: sound };
}

// `?` stands for any byte. A PNG must have its whole first chunk (25 bytes), without which it has no size; the audio
// names are those Gemini documents, the only provider to take all six: https://ai.google.dev/gemini-api/docs/audio
const signatures: readonly (readonly [MediaKind, string, string])[] = [
  ["image", "image/jpeg", "\xff\xd8\xff"],
  ["image", "image/png", `\x89PNG\r\n\x1a\n\0\0\0\rIHDR${"?".repeat(17)}`],
  ["image", "image/gif", "GIF87a"],
  ["image", "image/gif", "GIF89a"],
  ["image", "image/webp", "RIFF????WEBP"],
  ["audio", "audio/wav", "RIFF????WAVE"],
  ["audio", "audio/aiff", "FORM????AIFF"],
  ["audio", "audio/aiff", "FORM????AIFC"],
  ["audio", "audio/ogg", "OggS"],
  ["audio", "audio/flac", "fLaC"],
  ["document", "application/pdf", "%PDF-"],
];

function begins(bytes: Uint8Array, magic: string): boolean {
  if (bytes.length < magic.length) return false;
  for (let at = 0; at < magic.length; at++) {
    if (magic[at] !== "?" && magic.charCodeAt(at) !== bytes[at]) return false;
  }
  return true;
}

// ISO/IEC 23008-12: a `ftyp` box names the main brand, then all compatible ones. AVIF shares the general brands.
function heifType(bytes: Uint8Array): string | undefined {
  if (!begins(bytes, "????ftyp????")) return undefined;
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const brands: string[] = latin1(bytes.subarray(8, Math.min(size, 256))).match(/.{4}/gs) ?? [];
  const main = brands[0] ?? "";
  if (/^he(?:ic|ix|im|is|vc|vx)$/.test(main)) return "image/heic";
  return /^(?:mif1|msf1)$/.test(main) && !brands.includes("avif") ? "image/heif" : undefined;
}

// https://id3.org/id3v2.4.0-structure (3.1): the size has 7 bits a byte. The tag also stands before AAC and FLAC.
function taggedType(bytes: Uint8Array): string | undefined {
  const [major = 0, , flags = 0, ...size] = bytes.subarray(3, 10);
  if (major < 2 || major > 4 || size.length < 4 || size.some((byte) => byte > 127)) return undefined;
  const footer = flags & 0x10 ? 10 : 0;
  const sound = bytes.subarray(10 + size.reduce((sum, byte) => sum * 128 + byte, 0) + footer);
  if (begins(sound, "fLaC")) return "audio/flac";
  return frameType(sound) ?? "audio/mp3";
}

// A frame begins with 11 set bits, then version, layer, checksum; layer 0 is reserved by MPEG audio and marks ADTS.
function frameType(bytes: Uint8Array): string | undefined {
  const [sync, head = 0, rate = 0] = bytes;
  if (sync !== 0xff || head < 0xe0 || bytes.length < 4) return undefined;
  if ((head & 0xf6) === 0xf0) return ((rate >> 2) & 15) < 13 ? "audio/aac" : undefined;
  // FF FE, Layer I with a checksum, is left out: it is the byte order mark of UTF-16 text, and no MP3.
  const reserved = (head & 0x18) === 0x08 || (head & 0x06) === 0 || head === 0xfe;
  return reserved || rate >> 4 === 15 || ((rate >> 2) & 3) === 3 ? undefined : "audio/mp3";
}

/** What bytes of the wrong sort are, in a few words for an error that begins "it is": never what they hold. */
export function describeBytes(bytes: Uint8Array): string {
  const found = sniff(bytes);
  if (found !== undefined) return `${found.mediaType}: use ${found.kind}()`;
  if (bytes.length === 0) return "empty";
  if (begins(bytes, "\x89PNG")) return `a PNG cut off in its header, after ${bytes.length} bytes`;
  const start = latin1(bytes.subarray(0, 256));
  if (/^(?:\xef\xbb\xbf)?\s*</.test(start)) return "markup text (SVG, XML or HTML)";
  return `of a format that is not known here (${bytes.length} bytes)`;
}
