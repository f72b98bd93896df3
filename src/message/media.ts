import type { FileHandle } from "node:fs/promises";
import { PromptError } from "../errors/errors.ts";
import { toBase64 } from "../json/base64.ts";
import { decodeDataUrl } from "./data-url.ts";
import { isArrayBuffer, isUint8Array } from "./kinds.ts";
import { mediumMadeHere } from "./origin.ts";
import {
  type AudioPart,
  type DocumentPart,
  FilePart,
  type ImageDetail,
  type ImagePart,
  type MediaData,
  type MediaKind,
  type MediaOptions,
} from "./parts.ts";
import { describeBytes, formats, sniff } from "./sniff.ts";

export { sniff };

/** What a medium is made from: its bytes, an address, or the path of a local file. */
export type MediaSource = Uint8Array | ArrayBuffer | Blob | URL | string;

/** Sources that need no file: `image()` and its siblings make the part of them at once. */
export type ReadyMediaSource = Uint8Array | ArrayBuffer | `${"http" | "https" | "gs"}://${string}` | `data:${string}`;

/** The most bytes a medium may have (before base64) unless `readFilePart` is told otherwise: 50 MiB. */
export const maxMediaBytes = 50 * 1024 * 1024;

/**
 * A picture for a prompt: JPEG, PNG, GIF, WebP, HEIC or HEIF, told by its bytes and never by its name. Bytes and `data:`
 * URLs become base64 at once; http(s) and gs addresses go to the provider as they are and are never fetched here; paths,
 * `file:` URL objects and blobs are read when the call is made. A string that is no address is the path of a local file,
 * so text from outside does not belong here. `detail` is left to the provider when absent. Throws `PromptError`.
 */
export function image(source: ReadyMediaSource, options?: Pick<MediaOptions, "detail">): ImagePart;
export function image(source: Blob, options?: Pick<MediaOptions, "detail">): FilePart;
export function image(source: MediaSource, options?: Pick<MediaOptions, "detail">): ImagePart | FilePart;
export function image(source: MediaSource, options: Pick<MediaOptions, "detail"> = {}): ImagePart | FilePart {
  const { detail } = options;
  if (detail !== undefined && !details.includes(detail)) {
    throw new PromptError(`image() takes the detail ${details.join(", ")}; it got ${label(String(detail))}.`);
  }
  const media = toMedia("image", source, { detail });
  return media instanceof FilePart ? media : mediumMadeHere(parts.image(media, options));
}

/** Sound for a prompt: WAV, MP3, AIFF, AAC (ADTS), Ogg or FLAC. Sources and errors are those of `image()`. */
export function audio(source: ReadyMediaSource): AudioPart;
export function audio(source: Blob): FilePart;
export function audio(source: MediaSource): AudioPart | FilePart;
export function audio(source: MediaSource): AudioPart | FilePart {
  const media = toMedia("audio", source, {});
  return media instanceof FilePart ? media : mediumMadeHere(parts.audio(media));
}

/**
 * A PDF document for a prompt. Sources and errors are those of `image()`. `name` is what the model is told the document
 * is called, where the provider has a place for it; the name of a local file is never sent on its own account.
 */
export function document(source: ReadyMediaSource, options?: Pick<MediaOptions, "name">): DocumentPart;
export function document(source: Blob, options?: Pick<MediaOptions, "name">): FilePart;
export function document(source: MediaSource, options?: Pick<MediaOptions, "name">): DocumentPart | FilePart;
export function document(source: MediaSource, options: Pick<MediaOptions, "name"> = {}): DocumentPart | FilePart {
  const media = toMedia("document", source, { name: options.name });
  return media instanceof FilePart ? media : mediumMadeHere(parts.document(media, options));
}

/**
 * Reads a file or blob into the part it stands for. `maxBytes` is checked before and after reading; `signal` stops the
 * wait at once with its own reason (`AbortSignal.timeout(ms)` for a time limit). Anything but a readable regular file
 * of the right kind is a `PromptError`; its `cause` is the file system's error, if there was one.
 */
export async function readFilePart(
  part: FilePart,
  options: { readonly maxBytes?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<ImagePart | AudioPart | DocumentPart> {
  const { kind, source } = part;
  const { maxBytes = maxMediaBytes, signal } = options;
  signal?.throwIfAborted();
  const subject = typeof source === "string" ? `the file ${label(source)}` : "the blob";
  const job: Reading = { kind, subject, maxBytes, signal };
  const bytes = await orAbort(typeof source === "string" ? readPath(source, job) : readBlob(source, job), signal);
  return parts[kind](encode(bytes, job), part);
}

const details: readonly string[] = ["auto", "low", "high"] satisfies ImageDetail[];

const parts = {
  image: (media: MediaData, { detail }: MediaOptions): ImagePart => ({
    type: "image",
    ...media,
    ...(detail !== undefined && { detail }),
  }),
  audio: (media: MediaData): AudioPart => ({ type: "audio", ...media }),
  document: (media: MediaData, { name }: MediaOptions): DocumentPart => ({
    type: "document",
    ...media,
    ...(name !== undefined && { name }),
  }),
};

interface Reading {
  readonly kind: MediaKind;
  /** The source in words, for errors. */
  readonly subject: string;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

function toMedia(kind: MediaKind, source: MediaSource, options: MediaOptions): MediaData | FilePart {
  const job = { kind, subject: "the byte array", maxBytes: maxMediaBytes };
  if (isUint8Array(source)) return encode(source, job);
  if (isArrayBuffer(source)) return encode(new Uint8Array(source), job);
  if (source instanceof URL) {
    if (source.protocol !== "file:") return fromAddress(kind, source.href, source.protocol.slice(0, -1));
    return new FilePart(kind, toPath(kind, source), options);
  }
  if (typeof source === "string") {
    // One letter is the drive of a Windows path. The bound keeps a huge string without a colon cheap.
    const scheme = /^([a-z][a-z0-9+.-]{1,30}):/i.exec(source)?.[1];
    if (scheme !== undefined) return fromAddress(kind, source, scheme.toLowerCase());
    return new FilePart(kind, checkPath(kind, source), options);
  }
  if (isBlob(source)) return new FilePart(kind, source, options);
  const came = source === null ? "null" : typeof source;
  throw new PromptError(`${kind}() takes a Uint8Array, ArrayBuffer, Blob, URL or string; it got ${came}.`);
}

// By its methods, which no parsed data has, so that a polyfill's blob serves too.
export function isBlob(source: unknown): source is Blob {
  const blob = source as Partial<Blob> | null | undefined;
  return typeof blob?.arrayBuffer === "function" && typeof blob.size === "number";
}

function fromAddress(kind: MediaKind, url: string, scheme: string): MediaData {
  if (scheme === "data") {
    const bytes = decodeDataUrl(url, { caller: `${kind}()`, maxBytes: maxMediaBytes });
    return encode(bytes, { kind, subject: "the data: URL", maxBytes: maxMediaBytes });
  }
  if (scheme === "http" || scheme === "https" || scheme === "gs") {
    if (url.startsWith("//", scheme.length + 1) && URL.canParse(url)) return { url };
    throw new PromptError(`${kind}() got an address that begins with ${scheme}: and is not a valid URL.`);
  }
  const advice =
    scheme === "file"
      ? "a local file is named by its path or by a URL object, never by a string that begins with file:"
      : `give an http(s), gs or data address; if it is the path of a file, begin it with "./"`;
  throw new PromptError(`${kind}() does not take ${scheme}: addresses: ${advice}.`);
}

function toPath(kind: MediaKind, url: URL): string {
  // With a host, Windows would open a network share.
  if (url.host !== "") throw new PromptError(`${kind}() takes file: URLs of this machine only, without a host.`);
  const node = globalThis.process?.getBuiltinModule?.("node:url");
  if (node === undefined) throw new PromptError(`${kind}() got a file: URL, and this runtime has no files.`);
  try {
    return checkPath(kind, node.fileURLToPath(url));
  } catch (cause) {
    if (cause instanceof PromptError) throw cause;
    throw new PromptError(`${kind}() got a file: URL that is not the path of a file.`, { cause });
  }
}

function checkPath(kind: MediaKind, path: string): string {
  if (path === "") throw new PromptError(`${kind}() got an empty path.`);
  if (path.includes("\0")) throw new PromptError(`${kind}() got a path with a NUL character in it.`);
  if (path.length <= 4096) return path;
  const advice = `if it is base64, give its bytes: Buffer.from(text, "base64")`;
  throw new PromptError(
    `${kind}() takes a string as a path, and one of ${path.length} characters is not one; ${advice}.`,
  );
}

async function readPath(path: string, job: Reading): Promise<Uint8Array> {
  // Not imported: a bundle for a runtime without files has no trace of it.
  const files = globalThis.process?.getBuiltinModule?.("node:fs/promises");
  if (files === undefined) {
    throw new PromptError(
      `${job.kind}() got the path of a file, and this runtime has no files: give the bytes, a Blob or an address.`,
    );
  }
  const { constants, open } = files;
  let handle: FileHandle | undefined;
  try {
    // Not to wait for a writer when the path is a pipe. Windows has no such flag, and no such pipes.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = await handle.stat();
    if (!stat.isFile()) throw new PromptError(`${job.kind}() takes regular files; ${job.subject} is not one.`);
    checkSize(stat.size, job);
    return await readWhole(handle, stat.size, job);
  } catch (cause) {
    throw unreadable(cause, job);
  } finally {
    await handle?.close();
  }
}

async function readWhole(handle: FileHandle, size: number, job: Reading): Promise<Uint8Array> {
  // One byte more than announced shows that the file grew; nothing beyond it is ever read.
  const bytes = new Uint8Array(size + 1);
  let length = 0;
  while (length < bytes.length) {
    job.signal?.throwIfAborted();
    const { bytesRead } = await handle.read(bytes, length, Math.min(bytes.length - length, 1024 * 1024));
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  if (length === size) return bytes.subarray(0, size);
  throw new PromptError(`${job.kind}() cannot use ${job.subject}: it changed while it was read.`);
}

async function readBlob(blob: Blob, job: Reading): Promise<Uint8Array> {
  checkSize(blob.size, job);
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw unreadable(cause, job);
  }
}

function unreadable(cause: unknown, job: Reading): unknown {
  if (cause instanceof PromptError || job.signal?.aborted) return cause;
  const error = cause as { readonly code?: unknown; readonly name?: string } | undefined;
  const why = typeof error?.code === "string" ? error.code : error?.name;
  return new PromptError(`${job.kind}() cannot read ${job.subject} (${why}).`, { cause });
}

// A read of a slow disk cannot be called off, only no longer waited for.
function orAbort<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function encode(bytes: Uint8Array, job: Reading): MediaData {
  const { kind, subject } = job;
  checkSize(bytes.byteLength, job);
  const found = sniff(bytes);
  if (found?.kind !== kind) {
    throw new PromptError(`${kind}() takes ${formats[kind]}; ${subject} is ${describeBytes(bytes)}.`);
  }
  return { data: toBase64(bytes), mediaType: found.mediaType };
}

function checkSize(size: number, { kind, subject, maxBytes }: Reading): void {
  // Turned round so that NaN, which compares with nothing, lets nothing through.
  if (size <= maxBytes) return;
  throw new PromptError(`${kind}() takes at most ${maxBytes} bytes; ${subject} has ${size}.`);
}

// Long text is more likely a file's contents put in the wrong place than a path, and contents are not to be shown.
function label(text: string): string {
  return text.length <= 200 ? JSON.stringify(text) : `(a text of ${text.length} characters)`;
}
