import { execFileSync } from "node:child_process";
import { appendFileSync, openAsBlob } from "node:fs";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PromptError } from "../errors/errors.ts";
import { audio, document, image, readFilePart } from "./media.ts";
import { FilePart, type ImagePart } from "./parts.ts";

const pngBase64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const png = new Uint8Array(Buffer.from(pngBase64, "base64"));
const wav = new Uint8Array(Buffer.from("RIFF\x24\0\0\0WAVEfmt ", "latin1"));
const pdf = new Uint8Array(Buffer.from("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "latin1"));

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "callscope-media-"));
  await Promise.all([
    writeFile(at("cover.png"), png),
    writeFile(at("a b#c%.png"), png),
    writeFile(at("talk.wav"), wav),
    writeFile(at("paper.pdf"), pdf),
    writeFile(at("empty.png"), ""),
    writeFile(at("drawing.png"), "<svg>top secret</svg>"),
  ]);
});

afterAll(() => rm(folder, { recursive: true }));

function refusal(work: () => unknown): PromptError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(PromptError);
    return error as PromptError;
  }
  throw new Error("nothing was thrown");
}

async function readRefusal(part: ImagePart | FilePart, options?: Parameters<typeof readFilePart>[1]) {
  expect(part).toBeInstanceOf(FilePart);
  const error = await readFilePart(part as FilePart, options).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(PromptError);
  return error as PromptError;
}

// checklist: 23, 27
describe("files", () => {
  it("are read from a path, a URL object and a blob", async () => {
    const part = { type: "image", data: pngBase64, mediaType: "image/png", detail: "low" };
    const sources = [
      at("cover.png"),
      pathToFileURL(at("cover.png")),
      at("a b#c%.png"),
      pathToFileURL(at("a b#c%.png")),
      new Blob([png]),
      await openAsBlob(at("cover.png")),
    ];
    for (const source of sources) {
      const file = image(source, { detail: "low" });
      expect(file).toBeInstanceOf(FilePart);
      expect(await readFilePart(file as FilePart)).toStrictEqual(part);
    }
    expect(await readFilePart(audio(at("talk.wav")) as FilePart)).toStrictEqual(audio(wav));
    const paper = document(at("paper.pdf"), { name: "Report" }) as FilePart;
    expect(await readFilePart(paper)).toStrictEqual(document(pdf, { name: "Report" }));
    expect(await readFilePart(document(at("paper.pdf")) as FilePart)).toStrictEqual(document(pdf));
  });

  it("of several megabytes come whole", async () => {
    const large = new Uint8Array(3_500_001).map((_, index) => index % 251);
    large.set(png);
    await writeFile(at("large.png"), large);
    expect(await readFilePart(image(at("large.png")) as FilePart)).toStrictEqual(image(large));
  });

  it("with a Windows path are paths, and no address", () => {
    for (const path of ["C:\\pictures\\x.png", "c:x.png", "./notes:2026.png"]) {
      expect(image(path)).toStrictEqual(new FilePart("image", path));
    }
  });

  it.each([
    ["", "an empty path"],
    ["a\0.png", "NUL"],
    ["A".repeat(5000), "Buffer.from(text"],
    ["a".repeat(1_000_000), "1000000 characters"],
  ])("cannot have such a path", (path, words) => {
    const { message } = refusal(() => image(path));
    expect(message).toContain(words);
    expect(message.length).toBeLessThan(250);
  });

  it("that are missing, folders or pipes are refused", async () => {
    const missing = await readRefusal(image(at("none.png")));
    expect(missing.message).toContain(`none.png" (ENOENT)`);
    expect(missing.cause).toMatchObject({ code: "ENOENT" });
    expect((await readRefusal(image(folder))).message).toContain("takes regular files");
    if (process.platform !== "win32") {
      execFileSync("mkfifo", [at("pipe.png")]);
      expect((await readRefusal(image(at("pipe.png")))).message).toContain("takes regular files");
    }
    expect((await readRefusal(image(`${folder}/${"A".repeat(300)}`))).message).toMatch(/a text of \d+ characters/);
  });

  it("of the wrong kind are refused without a word of their contents", async () => {
    expect((await readRefusal(image(at("paper.pdf")))).message).toContain(
      `paper.pdf" is application/pdf: use document()`,
    );
    expect((await readRefusal(image(at("empty.png")))).message).toContain("is empty");
    const { message } = await readRefusal(image(at("drawing.png")));
    expect(message).toContain("markup");
    expect(message).not.toContain("secret");
  });

  it("over the limit are refused, files and blobs", async () => {
    const maxBytes = png.length - 1;
    const words = `takes at most ${maxBytes} bytes`;
    const blob = new Blob([png]);
    const reads = [vi.spyOn(await fileHandlePrototype(), "read"), vi.spyOn(blob, "arrayBuffer")];
    expect((await readRefusal(image(at("cover.png")), { maxBytes })).message).toContain(words);
    expect((await readRefusal(image(blob), { maxBytes })).message).toContain(words);
    for (const read of reads) {
      expect(read).not.toHaveBeenCalled();
      read.mockRestore();
    }
    expect((await readRefusal(image(new Blob([png])), { maxBytes: Number.NaN })).message).toContain("takes at most");
    await expect(readFilePart(image(new Blob([png])), { maxBytes: png.length })).resolves.toMatchObject({
      type: "image",
    });
    const lying = Object.assign(new Blob([png]), {});
    Object.defineProperty(lying, "size", { value: 1 });
    expect((await readRefusal(image(lying), { maxBytes })).message).toContain(words);
  });

  it("that change while they are read are refused", async () => {
    await writeFile(at("growing.png"), png);
    const stat = vi.spyOn(await fileHandlePrototype(), "stat").mockImplementationOnce(async () => {
      appendFileSync(at("growing.png"), "more");
      return { size: png.length, isFile: () => true } as never;
    });
    expect((await readRefusal(image(at("growing.png")))).message).toContain("changed while it was read");
    stat.mockRestore();
  });

  it("that a blob no longer has are refused with the cause", async () => {
    await writeFile(at("gone.png"), png);
    const blob = await openAsBlob(at("gone.png"));
    await writeFile(at("gone.png"), "other");
    const error = await readRefusal(image(blob));
    expect(error.message).toContain("cannot read the blob (NotReadableError)");
    expect(error.cause).toBeInstanceOf(DOMException);
  });
});

// checklist: 27
describe("an abort", () => {
  const reason = new Error("enough");

  it("before the read stops it with its own reason", async () => {
    await expect(readFilePart(image(new Blob([png])), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("during the read is not held up by it", async () => {
    const never = new Blob([png]);
    never.arrayBuffer = () => new Promise(() => {});
    const controller = new AbortController();
    const reading = readFilePart(image(never), { signal: controller.signal });
    controller.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });

  it("between two pieces of a file ends the reading and closes the file", async () => {
    const prototype = await fileHandlePrototype();
    const handles: { fd: number }[] = [];
    const controller = new AbortController();
    const stat = vi.spyOn(prototype, "stat").mockImplementationOnce(async function (this: { fd: number }) {
      handles.push(this);
      controller.abort(reason);
      return { size: png.length, isFile: () => true } as never;
    });
    const read = vi.spyOn(prototype, "read");
    const reading = readFilePart(image(at("cover.png")) as FilePart, { signal: controller.signal });
    await expect(reading).rejects.toBe(reason);
    await vi.waitFor(() => expect(handles.map((handle) => handle.fd)).toEqual([-1]));
    expect(read).not.toHaveBeenCalled();
    for (const spy of [stat, read]) spy.mockRestore();
  });

  it("that never comes leaves no listener behind", async () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");
    await readFilePart(image(at("cover.png")) as FilePart, { signal });
    await new Promise((resolve) => setImmediate(resolve));
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(add.mock.calls.map(([, listener]) => listener));
    expect(add).toHaveBeenCalledTimes(1);
  });
});

async function fileHandlePrototype() {
  const handle = await open(at("cover.png"));
  await handle.close();
  return Object.getPrototypeOf(handle) as typeof handle;
}
