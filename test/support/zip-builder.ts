import { crc32, deflateRawSync } from "node:zlib";

/** A member to build. */
export interface TestMember {
  name: string;
  content: Buffer;
  method?: number;
  flags?: number;
  /** What the directory claims instead of the truth. */
  claim?: { crc?: number; size?: number };
}

/** A zip as wheels are: an extra field in the local headers only, sizes in both places, a comment at the end. */
export function buildZip(members: readonly TestMember[], comment = ""): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, method = 8, flags = 0, claim } of members) {
    const packed = method === 8 ? deflateRawSync(content) : content;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(claim?.crc ?? crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claim?.size ?? content.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const extra = Buffer.from("UT\x01\x00\x00", "latin1");
    const local = Buffer.from(common);
    local.writeUInt16LE(extra.length, 24);
    const localParts = [Buffer.from("PK\x03\x04"), local, Buffer.from(name), extra, packed];
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, tail, Buffer.from(name));
    parts.push(...localParts);
    offset += Buffer.concat(localParts).length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return Buffer.concat([...parts, ...directory, end, Buffer.from(comment)]);
}
