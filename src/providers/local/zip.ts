import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createInflateRaw } from "node:zlib";

// Why no package: all that is wanted is one member of one plain archive, and Node has the inflater. What is left is three
// fixed records, fewer lines than the wiring of a library that itself weighs more than callscope. The CRC-32 is not
// checked: whoever keeps the member checks its SHA-256.
// The format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, section 4.3.

interface Entry {
  readonly encrypted: boolean;
  readonly method: number;
  readonly packedSize: number;
  readonly size: number;
  readonly headerOffset: number;
}

const endRecordSize = 22;
const entrySize = 46;
const localHeaderSize = 30;

/**
 * The bytes of the member `name` of the zip archive at `path`, inflated as they are read. No more than the promised size
 * is ever given, and less is an error at the end. Throws an `Error` that names what is wrong: no zip, no such member,
 * encrypted, damaged, or a kind not read here (zip64, methods other than stored and deflate).
 */
export async function* readMember(path: string, name: string): AsyncGenerator<Uint8Array, void, undefined> {
  const { entry, offset } = await findMember(path, name);
  let size = 0;
  for await (const chunk of unpacked(path, entry, offset)) {
    size += chunk.byteLength;
    if (size > entry.size) break;
    yield chunk;
  }
  if (size !== entry.size) throw new Error(`"${name}" in the archive does not have its promised ${entry.size} bytes`);
}

function unpacked(path: string, entry: Entry, offset: number): AsyncIterable<Uint8Array> | Uint8Array[] {
  if (entry.packedSize === 0) return [];
  const packed = createReadStream(path, { start: offset, end: offset + entry.packedSize - 1 });
  if (entry.method === 0) return packed;
  // The callback only takes the place of an unhandled error: whoever iterates gets the same one.
  return pipeline(packed, createInflateRaw(), () => {});
}

async function findMember(path: string, name: string): Promise<{ entry: Entry; offset: number }> {
  const file = await open(path);
  try {
    const entry = findEntry(await readDirectory(file), name);
    if (entry === undefined) throw new Error(`the archive has no member "${name}"`);
    if (entry.encrypted || (entry.method !== 0 && entry.method !== 8)) {
      throw new Error(`"${name}" in the archive is encrypted or packed by a method other than deflate`);
    }
    const header = await readAt(file, entry.headerOffset, localHeaderSize);
    if (header.readUInt32LE(0) !== 0x04034b50) throw new Error(`the archive is damaged at the header of "${name}"`);
    // The lengths of name and extra field may differ from those in the directory.
    const offset = entry.headerOffset + localHeaderSize + header.readUInt16LE(26) + header.readUInt16LE(28);
    return { entry, offset };
  } finally {
    await file.close();
  }
}

async function readDirectory(file: FileHandle): Promise<Buffer> {
  const { size: fileSize } = await file.stat();
  // The end record is followed by a comment of at most 65,535 bytes, and by nothing else.
  const tailSize = Math.min(fileSize, endRecordSize + 0xffff);
  const tail = await readAt(file, fileSize - tailSize, tailSize);
  for (let at = tailSize - endRecordSize; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== 0x06054b50) continue;
    if (tail.readUInt16LE(at + 20) !== tailSize - at - endRecordSize) continue;
    const size = tail.readUInt32LE(at + 12);
    const offset = tail.readUInt32LE(at + 16);
    if (offset === 0xffffffff) throw new Error("the archive is a zip64, which is not read here");
    return readAt(file, offset, size);
  }
  throw new Error("the file is no zip archive, or is cut short");
}

function findEntry(directory: Buffer, name: string): Entry | undefined {
  for (let at = 0; at + entrySize <= directory.length; ) {
    if (directory.readUInt32LE(at) !== 0x02014b50) throw new Error("the archive's directory is damaged");
    const nameEnd = at + entrySize + directory.readUInt16LE(at + 28);
    if (directory.toString("utf8", at + entrySize, nameEnd) === name) {
      return {
        encrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
        method: directory.readUInt16LE(at + 10),
        packedSize: directory.readUInt32LE(at + 20),
        size: directory.readUInt32LE(at + 24),
        headerOffset: directory.readUInt32LE(at + 42),
      };
    }
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return undefined;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  // Checked before the memory is taken: a damaged record may ask for gigabytes.
  const { size } = await file.stat();
  if (position + length > size) throw new Error("the archive is damaged or cut short");
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error("the archive was cut short while it was read");
  return buffer;
}
