import { PromptError } from "../errors/errors.ts";
import type { Part } from "./parts.ts";

/** Base64 as a `data:` URL. */
export function toDataUrl({ data, mediaType }: { readonly data: string; readonly mediaType: string }): string {
  return `data:${mediaType};base64,${data}`;
}

/**
 * The bytes of a `data:` URL, in base64 or percent form. The media type it claims is not looked at: the bytes tell.
 * At most `maxBytes` come out; more, no comma, or what is not base64 is a `PromptError` that begins with `caller`.
 * https://fetch.spec.whatwg.org/#data-url-processor
 */
export function decodeDataUrl(url: string, limits: { readonly caller: string; readonly maxBytes: number }): Buffer {
  const { caller, maxBytes } = limits;
  const comma = url.indexOf(",");
  if (comma < 0) throw new PromptError(`${caller} got a data: URL without a comma before its data.`);
  const hash = url.indexOf("#", comma);
  const body = url.slice(comma + 1, hash < 0 ? undefined : hash);
  // A byte is at most the three characters of its percent form: whatever is longer need not be decoded to be too large.
  if (body.length > maxBytes * 3) throw tooLarge(caller, maxBytes);
  const base64 = url.slice(0, comma).trimEnd().toLowerCase().endsWith(";base64");
  const bytes = base64 ? decodeBase64(body, limits) : decodePercent(body);
  if (bytes.length > maxBytes) throw tooLarge(caller, maxBytes);
  return bytes;
}

function tooLarge(caller: string, maxBytes: number): PromptError {
  return new PromptError(`${caller} takes at most ${maxBytes} bytes; the data: URL has more.`);
}

function decodeBase64(body: string, { caller, maxBytes }: { caller: string; maxBytes: number }): Buffer {
  const text = body.includes("%") ? decodePercent(body).toString("latin1") : body;
  const digits = text.replace(/[\t\n\f\r ]+/g, "");
  const padding = digits.endsWith("==") ? 2 : digits.endsWith("=") ? 1 : 0;
  const length = digits.length - padding;
  const size = Math.floor((length * 3) / 4);
  if (size > maxBytes) throw tooLarge(caller, maxBytes);
  const bytes = Buffer.from(digits, "base64");
  // Node skips what is not base64 without a word; then fewer bytes come out than the characters hold.
  if (bytes.length === size && length % 4 !== 1) return bytes;
  throw new PromptError(`${caller} got a data: URL whose data is not valid base64.`);
}

// In place: the decoded bytes are never more than the text's. A % without two hex digits stands for itself.
function decodePercent(text: string): Buffer {
  const bytes = Buffer.from(text);
  let end = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const high = byte === 0x25 ? hexDigit(bytes[at + 1]) : -1;
    const low = high < 0 ? -1 : hexDigit(bytes[at + 2]);
    bytes[end++] = low < 0 ? byte : high * 16 + low;
    if (low >= 0) at += 2;
  }
  return bytes.subarray(0, end);
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/**
 * A medium whose data is a whole `data:` URL, as many a front end has it, as its bare base64; any other part as it is.
 * Throws `PromptError` where that URL is of another media type than the part says, or is not in base64.
 */
export function bareMedia(part: Part): Part {
  if (!("data" in part) || part.data === undefined || !/^data:/i.test(part.data.slice(0, 5))) return part;
  const comma = part.data.indexOf(",");
  const [claimed = "", ...flags] = part.data.slice("data:".length, Math.max(0, comma)).toLowerCase().split(";");
  if (comma < 0 || !flags.some((flag) => flag.trim() === "base64")) {
    throw new PromptError(`The data of a part of the type ${part.type} is base64; it is a data: URL in another form.`);
  }
  const mediaType = claimed.trim();
  if (mediaType !== "" && mediaType !== part.mediaType.toLowerCase()) {
    throw new PromptError(
      `A part of the type ${part.type} says that it is ${part.mediaType}; the data: URL in its data says ${JSON.stringify(mediaType.slice(0, 60))}.`,
    );
  }
  return { ...part, data: part.data.slice(comma + 1) };
}
