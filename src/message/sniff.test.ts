import { describe, expect, it } from "vitest";
import { describeBytes, sniff } from "./sniff.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const png = `\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89`;
const id3 = (size: string, after = "", flags = "\0") => bytes(`ID3\x04\0${flags}${size}${after}`);
const aac = "\xff\xf1\x50\x80\x02\x1f\xfc";

// checklist: 26
describe("sniff", () => {
  it.each([
    ["image", "image/jpeg", "\xff\xd8\xff\xe0\0\x10JFIF"],
    ["image", "image/jpeg", "\xff\xd8\xff\xe1\0\x10Exif"],
    ["image", "image/png", png],
    ["image", "image/gif", "GIF87a\x01\0\x01\0"],
    ["image", "image/gif", "GIF89a\x01\0\x01\0"],
    ["image", "image/webp", "RIFF\x24\0\0\0WEBPVP8 "],
    ["image", "image/heic", "\0\0\0\x18ftypheic\0\0\0\0mif1heic"],
    ["image", "image/heic", "\0\0\0\x18ftypheix\0\0\0\0mif1heix"],
    ["image", "image/heif", "\0\0\0\x18ftypmif1\0\0\0\0mif1heic"],
    ["audio", "audio/wav", "RIFF\x24\0\0\0WAVEfmt "],
    ["audio", "audio/aiff", "FORM\0\0\0\x2eAIFFCOMM"],
    ["audio", "audio/aiff", "FORM\0\0\0\x2eAIFCFVER"],
    ["audio", "audio/aac", aac],
    ["audio", "audio/aac", "\xff\xf9\x50\x80\x02\x1f\xfc"],
    ["audio", "audio/ogg", "OggS\0\x02"],
    ["audio", "audio/flac", "fLaC\0\0\0\x22"],
    ["document", "application/pdf", "%PDF-1.7\n"],
  ])("tells %s %s by its header", (kind, mediaType, header) => {
    expect(sniff(bytes(header))).toEqual({ kind, mediaType });
  });

  it.each([0xe2, 0xe3, 0xf2, 0xf3, 0xf4, 0xf5, 0xfa, 0xfb, 0xfc, 0xfd, 0xff])(
    "takes an MPEG frame that begins FF %i for an MP3",
    (head) => {
      expect(sniff(Uint8Array.of(0xff, head, 0x90, 0x64, 0))?.mediaType).toBe("audio/mp3");
    },
  );

  it.each([
    ["reserved version", [0xff, 0xeb, 0x90, 0x64]],
    ["reserved layer of MPEG 2.5", [0xff, 0xe1, 0x90, 0x64]],
    ["reserved bit rate", [0xff, 0xfb, 0xf0, 0x64]],
    ["reserved sample rate", [0xff, 0xfb, 0x9c, 0x64]],
    ["reserved ADTS sample rate", [0xff, 0xf1, 0x74, 0x80]],
    ["too few set bits", [0xff, 0xdb, 0x90, 0x64]],
    ["cut frame header", [0xff, 0xfb, 0x90]],
    ["UTF-16 text", [...Buffer.from("\ufeffdear all", "utf16le")]],
    ["erased flash", new Array(64).fill(0xff)],
  ])("refuses a sync with a fault: %s", (_fault, header) => {
    expect(sniff(Uint8Array.from(header))).toBeUndefined();
  });

  it("looks behind an ID3 tag", () => {
    expect(sniff(id3("\0\0\0\x04", "TAG.\xff\xfb\x90\x64"))?.mediaType).toBe("audio/mp3");
    expect(sniff(id3("\0\0\x02\x01"))?.mediaType).toBe("audio/mp3");
    expect(sniff(id3("\0\0\0\x04", `TAG.${aac}`))?.mediaType).toBe("audio/aac");
    expect(sniff(id3("\0\0\x01\0", `${".".repeat(128)}fLaC`))?.mediaType).toBe("audio/flac");
    expect(sniff(id3("\0\0\0\x04", `TAG.${"3DI.......".slice(0, 10)}fLaC`, "\x10"))?.mediaType).toBe("audio/flac");
    expect(sniff(bytes("ID3 tags are fun to read"))).toBeUndefined();
    expect(sniff(id3("\0\0\x80\0"))).toBeUndefined();
    expect(sniff(bytes("ID3\x04\0\0"))).toBeUndefined();
  });

  it.each([
    ["nothing", ""],
    ["a PNG signature alone", png.slice(0, 8)],
    ["a PNG cut in its first chunk", png.slice(0, -1)],
    ["AVIF", "\0\0\0\x1cftypavif\0\0\0\0mif1avif"],
    ["AVIF under a general brand", "\0\0\0\x1cftypmif1\0\0\0\0mif1avif"],
    ["MP4", "\0\0\0\x18ftypisom\0\0\0\0isomavc1"],
    ["AVI", "RIFF\x24\0\0\0AVI LIST"],
    ["cut RIFF", "RIFF\x24\0\0\0WAV"],
    ["BMP", "BM\x46\0\0\0"],
    ["SVG", `<svg xmlns="http://www.w3.org/2000/svg"/>`],
    ["a question mark where the mark is", "?PDF-1.7"],
  ])("knows nothing of %s", (_name, header) => {
    expect(sniff(bytes(header))).toBeUndefined();
  });

  it("reads a view from where it begins", () => {
    const whole = bytes(`xxx\0\0\0\x18ftypheic\0\0\0\0mif1heic`);
    expect(sniff(whole.subarray(3))?.mediaType).toBe("image/heic");
    expect(sniff(whole)).toBeUndefined();
  });
});

describe("describeBytes", () => {
  it.each([
    ["", "empty"],
    ["%PDF-1.7", "application/pdf: use document()"],
    [png.slice(0, 12), "a PNG cut off in its header, after 12 bytes"],
    ["\xef\xbb\xbf  <?xml version='1.0'?><svg/>", "markup text (SVG, XML or HTML)"],
    ["secret", "of a format that is not known here (6 bytes)"],
  ])("says of %j that it is %s", (header, words) => {
    expect(describeBytes(bytes(header))).toBe(words);
  });
});
