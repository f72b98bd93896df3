import dns from "node:dns";
import net from "node:net";
import vm from "node:vm";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { PromptError } from "../errors/errors.ts";
import { audio, document, image, type MediaSource, maxMediaBytes, sniff } from "./media.ts";
import { type AudioPart, type DocumentPart, FilePart, type ImagePart } from "./parts.ts";

const pngBase64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const png = new Uint8Array(Buffer.from(pngBase64, "base64"));
const wav = new Uint8Array(Buffer.from("RIFF\x24\0\0\0WAVEfmt ", "latin1"));
const pdf = new Uint8Array(Buffer.from("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "latin1"));
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

function refusal(work: () => unknown): PromptError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(PromptError);
    return error as PromptError;
  }
  throw new Error("nothing was thrown");
}

// checklist: 23
describe("bytes", () => {
  const part = { type: "image", data: pngBase64, mediaType: "image/png" };

  it("become a part at once, of the kind asked for", () => {
    expect(image(png)).toStrictEqual(part);
    expect(image(png.buffer)).toStrictEqual(part);
    expect(image(Buffer.from(png))).toStrictEqual(part);
    expect(audio(wav)).toStrictEqual({ type: "audio", data: base64(wav), mediaType: "audio/wav" });
    expect(document(pdf)).toStrictEqual({ type: "document", data: base64(pdf), mediaType: "application/pdf" });
  });

  it("are not kept: a later change does not matter", () => {
    const own = png.slice();
    const made = image(own);
    own.fill(0);
    expect(made).toStrictEqual(part);
  });

  it("of a view are the view's only", () => {
    const padded = new Uint8Array(png.length + 20).fill(7);
    padded.set(png, 10);
    expect(image(padded.subarray(10, 10 + png.length))).toStrictEqual(part);
  });

  it("of another realm serve too", () => {
    const foreign = vm.runInNewContext("Uint8Array.from(list)", { list: [...png] });
    expect(foreign).not.toBeInstanceOf(Uint8Array);
    expect(image(foreign as Uint8Array)).toStrictEqual(part);
  });

  it.each([
    [
      "a PDF",
      pdf,
      "image() takes JPEG, PNG, GIF, WebP, HEIC or HEIF; the byte array is application/pdf: use document().",
    ],
    ["nothing", new Uint8Array(), "the byte array is empty."],
    ["a cut PNG", png.slice(0, 20), "the byte array is a PNG cut off in its header, after 20 bytes."],
    ["SVG", Buffer.from("<svg>top secret</svg>"), "the byte array is markup text (SVG, XML or HTML)."],
    ["no known format", Buffer.from("top secret"), "the byte array is of a format that is not known here (10 bytes)."],
  ])("of %s are refused, with what came and never the contents", (_name, bytes, words) => {
    const { message } = refusal(() => image(bytes));
    expect(message).toContain(words);
    expect(message).not.toContain("secret");
  });

  it("of the wrong kind are refused by the siblings too", () => {
    expect(refusal(() => audio(png)).message).toContain(
      "WAV, MP3, AIFF, AAC (ADTS), Ogg or FLAC; the byte array is image/png",
    );
    expect(refusal(() => document(wav)).message).toContain("document() takes PDF; the byte array is audio/wav");
  });

  it("over the limit are refused, at the limit they are not", () => {
    const large = new Uint8Array(maxMediaBytes + 1);
    large.set(png);
    expect(refusal(() => image(large)).message).toBe(
      "image() takes at most 52428800 bytes; the byte array has 52428801.",
    );
    expect(image(large.subarray(0, maxMediaBytes)).data).toHaveLength(Math.ceil(maxMediaBytes / 3) * 4);
  });

  it.each([null, undefined, 7, {}, [[]], new Date(), { href: "file:///x.png", protocol: "file:" }])(
    "and nothing but bytes: %j is refused",
    (source) => {
      expect(refusal(() => image(source as unknown as MediaSource)).message).toContain("it got");
    },
  );
});

describe("options", () => {
  it("carry the detail of an image, left out when not given", () => {
    expect(image(png, { detail: "low" }).detail).toBe("low");
    expect(image("https://example.com/a.png", { detail: "high" })).toStrictEqual({
      type: "image",
      url: "https://example.com/a.png",
      detail: "high",
    });
    expect(image(png, {})).not.toHaveProperty("detail");
    // A template's option is text that no type has checked.
    expect(refusal(() => image(png, { detail: "ultra" as "low" })).message).toContain(
      `auto, low, high; it got "ultra"`,
    );
  });

  it("carry the name of a document, also to its file", () => {
    expect(document(pdf, { name: "Report" })).toMatchObject({ type: "document", name: "Report" });
    expect(document(pdf)).not.toHaveProperty("name");
    const file = new FilePart("document", "paper.pdf", { name: "Report" });
    expect(document("paper.pdf", { name: "Report" })).toStrictEqual(file);
  });
});

describe("addresses", () => {
  it("reach the provider as they are, and no socket is opened", async () => {
    const connect = vi.spyOn(net.Socket.prototype, "connect").mockImplementation(() => {
      throw new Error("the network is denied");
    });
    const lookup = vi.spyOn(dns, "lookup");
    const fetched = vi.spyOn(globalThis, "fetch");
    const urls = [
      "http://169.254.169.254/latest/meta-data",
      "http://localhost/a.png",
      "http://[::1]/a.png",
      "http://2130706433/a.png",
      "HTTPS://example.com/a.png?signature=%2Fx",
      "gs://bucket/a.png",
    ];
    for (const url of urls) expect(image(url)).toStrictEqual({ type: "image", url });
    expect(audio(new URL("https://example.com/a.mp3"))).toStrictEqual({
      type: "audio",
      url: "https://example.com/a.mp3",
    });
    expect(document("https://example.com/a.pdf")).toStrictEqual({ type: "document", url: "https://example.com/a.pdf" });
    await new Promise((resolve) => setImmediate(resolve));
    expect([connect, lookup, fetched].map((spy) => spy.mock.calls.length)).toEqual([0, 0, 0]);
    // The net is really denied: what would have fetched an address would have been seen.
    await expect(fetch("http://127.0.0.1:49151/a.png")).rejects.toThrow();
    expect(connect).toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it.each([
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "file:x.png",
    "ftp://example.com/a.png",
    "gopher://example.com",
    "javascript:alert(1)",
    "blob:nodedata:1234",
    "http:example.com",
    "https://",
    "http://[::1/a.png",
  ])("of another sort are refused: %s", (source) => {
    const { message } = refusal(() => image(source));
    expect(message).toContain(source.slice(0, source.indexOf(":") + 1).toLowerCase());
  });

  it("as URL objects of another scheme are refused", () => {
    expect(refusal(() => image(new URL("ftp://example.com/a.png"))).message).toContain("ftp:");
    expect(refusal(() => image(new URL("file://server/share/a.png"))).message).toContain("without a host");
    expect(refusal(() => image(new URL("file:///a%2Fb.png"))).cause).toBeInstanceOf(TypeError);
    expect(refusal(() => image(new URL("file:///a%00.png"))).message).toContain("NUL");
  });
});

it("types tell what is ready and what is still to be read", () => {
  expectTypeOf(image(png)).toEqualTypeOf<ImagePart>();
  expectTypeOf(image(`https://example.com/${"a"}.png`)).toEqualTypeOf<ImagePart>();
  expectTypeOf(audio("data:audio/wav;base64,UklGRiQAAABXQVZFZm10IA==")).toEqualTypeOf<AudioPart>();
  expectTypeOf(image(new Blob([png]))).toEqualTypeOf<FilePart>();
  expectTypeOf(document(new URL("https://example.com"))).toEqualTypeOf<DocumentPart | FilePart>();
  expectTypeOf(image("cover.png" as string)).toEqualTypeOf<ImagePart | FilePart>();
  expectTypeOf(image("https://example.com" as MediaSource)).toEqualTypeOf<ImagePart | FilePart>();
  expect(sniff(png)?.kind).toBe("image");
  // @ts-expect-error a document has no detail
  expect(document(pdf, { detail: "low" })).not.toHaveProperty("detail");
});
