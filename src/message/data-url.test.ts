import { describe, expect, it } from "vitest";
import { PromptError } from "../errors/errors.ts";
import { document, image, maxMediaBytes } from "./media.ts";

const pngBase64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const png = new Uint8Array(Buffer.from(pngBase64, "base64"));
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

describe("data: URLs", () => {
  const part = { type: "image", data: pngBase64, mediaType: "image/png" };
  const percent = Array.from(png, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");

  it.each([
    ["base64", `data:image/png;base64,${pngBase64}`],
    ["base64 without padding", `data:image/png;base64,${pngBase64.replaceAll("=", "")}`],
    ["base64 in lines", `data:image/png;base64,${pngBase64.slice(0, 60)}\r\n${pngBase64.slice(60)}\n`],
    ["base64 with percent signs", `data:image/png;base64,${pngBase64.replaceAll("+", "%2B").replaceAll("=", "%3D")}`],
    ["percent forms", `data:image/png,${percent}`],
    ["upper case", `DATA:IMAGE/PNG;BASE64,${pngBase64}`],
    ["no media type", `data:;base64,${pngBase64}`],
    ["a wrong media type", `data:image/jpeg;charset=x;base64,${pngBase64}`],
    ["a fragment", `data:image/png;base64,${pngBase64}#part`],
  ])("with %s are decoded, and their bytes tell the type", (_name, url) => {
    expect(image(url)).toStrictEqual(part);
    expect(image(new URL(url))).toStrictEqual(part);
  });

  it("leave a percent sign alone that begins no escape", () => {
    expect(document("data:,%25PDF-1.7%0A%zz%4").data).toBe(base64(Buffer.from("%PDF-1.7\n%zz%4")));
  });

  it.each([
    ["no comma", `data:image/png;base64${pngBase64.slice(0, 8)}`, "comma"],
    ["foreign characters", `data:image/png;base64,${pngBase64.replace("A", "*")}`, "not valid base64"],
    ["padding inside", `data:image/png;base64,${pngBase64}${pngBase64}`, "not valid base64"],
    ["one digit too many", `data:image/png;base64,${pngBase64.replaceAll("=", "")}AAA`, "not valid base64"],
    ["nothing", "data:image/png;base64,", "is empty"],
    ["SVG", "data:image/svg+xml,%3Csvg%3E", "markup"],
    ["a PDF", `data:image/png;base64,${base64(pdf)}`, "use document()"],
  ])("with %s are refused", (_name, url, words) => {
    expect(refusal(() => image(url)).message).toContain(words);
  });

  it("over the limit are refused, before and after decoding", () => {
    const words = "takes at most 52428800 bytes; the data: URL has";
    expect(
      refusal(() => image(`data:;base64,${"A".repeat(Math.ceil((maxMediaBytes * 4) / 3) + 2)}`)).message,
    ).toContain(words);
    expect(refusal(() => image(`data:,${"A".repeat(maxMediaBytes * 3 + 1)}`)).message).toContain(words);
    expect(refusal(() => image(`data:,${"A".repeat(maxMediaBytes + 1)}`)).message).toContain(words);
  });
});
