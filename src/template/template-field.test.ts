import { describe, expect, test } from "vitest";
import { PromptError } from "../errors/errors.ts";
import { audio, document, image } from "../message/media.ts";
import type { Message } from "../message/parts.ts";
import { parseTemplate, renderTemplate } from "./template.ts";

function render(text: string, values: object = {}): Message[] {
  return renderTemplate(parseTemplate(text), Object.assign(Object.create(null), values));
}

/** The content of a template's only message. */
function content(text: string, values: object = {}): Message["content"] | undefined {
  const messages = render(text, values);
  expect(messages).toHaveLength(1);
  return messages[0]?.content;
}

const text = (written: string) => ({ type: "text", text: written });
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const mp3 = Uint8Array.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
const pdf = new TextEncoder().encode("%PDF-1.7\n%%EOF");

// checklist: 24
describe("errors of the template itself", () => {
  test.each([
    ["{}", "does not name a variable"],
    ["{:>5}", "does not name a variable"],
    ["{:image}", "does not name a variable"],
    ["{0}", "positional"],
    ["{x[0]}", "not indexes"],
    ["{x.0}", "not a variable name"],
    ["{x.}", "not a variable name"],
    ["{ x }", "not a variable name"],
    ['{"a": 1}', "literal braces are written {{ and }}"],
    ["{a-b}", "not a variable name"],
    ["{x", "Unbalanced brace"],
    ["x}", "Unbalanced brace"],
    ["{x}}", "Unbalanced brace"],
    ["{a{b}}", "Unbalanced brace"],
    ["{x:{w}}", "Unbalanced brace"],
    ["{{{", "Unbalanced brace"],
    ["{x!a}", "unknown conversion"],
    ["{x!}", "unknown conversion"],
    ["{x!r:.2f}", "as a number"],
    ["{x!r:list}", "conversion does not go with `:list`"],
    ["{x:imgae}", 'unknown specifier ":imgae"'],
    ["{x: list}", 'unknown specifier ": list"'],
    ["{x:toString}", 'unknown specifier ":toString"'],
    ["{x:constructor()}", "unknown specifier"],
    ["{x:.2d}", "precision does not go with the type d"],
    ["{x:2000}", "at most 1000 wide"],
    ["{x:image(detail)}", "`key=value`"],
    ["{x:image(detail=low=high)}", "`key=value`"],
    ["{x:image()}", "`key=value`"],
    ["{x:image(detail=low,)}", "`key=value`"],
    ["{x:image(detail=medium)}", "no detail of `:image`"],
    ["{x:image(size=low)}", '`:image` has no option "size"'],
    ["{x:image(toString=low)}", '`:image` has no option "toString"'],
    ["{x:image(detail=low, detail=low)}", "twice"],
    ["{x:image(detail=low}", "parenthesis"],
    ["{x:image(detail=low)x}", "parenthesis"],
    ["{x:list(a=b)}", "`:list` has no option"],
    ["a {:cache_control(ttl=2h)}", "no ttl of `:cache_control`"],
    ["a {x:cache_control}", "takes no variable"],
    ["{:cache_control} a", "comes first"],
    ["SYSTEM: a\nUSER: {:cache_control} a", "comes first"],
  ])("%s", (written, problem) => {
    expect(() => parseTemplate(written)).toThrow(PromptError);
    expect(() => parseTemplate(written)).toThrow(problem);
  });
});

// checklist: 20
describe("specifiers in the running text", () => {
  test("list joins by a new line, lists by a blank one", () => {
    const values = { a: { b: ["x", 1, null] }, set: new Set(["x", "y"]), groups: [["a", "b"], new Set(["c"]), []] };
    expect(content("{a.b:list}|{set:list}", values)).toBe("x\n1\n|x\ny");
    expect(content("{groups:lists}", values)).toBe("a\nb\n\nc\n\n");
    expect(content("{groups:list}", values)).toBe('["a","b"]\n["c"]\n[]');
  });

  test.each([
    ["{x:list}", "abc"],
    ["{x:list}", undefined],
    ["{x:list}", { length: 1 }],
    ["{x:lists}", ["abc"]],
    ["{x:lists}", "abc"],
  ])("%s refuses %o", (field, x) => {
    expect(() => render(field, { x })).toThrow(PromptError);
    expect(() => render(field, { x })).toThrow(`${JSON.stringify(field)} in the template`);
  });
});

// checklist: 21-25, 28
describe("parts", () => {
  test("text around a part becomes trimmed parts of its own; empty ones go", () => {
    expect(
      content("Look at {a} {x:text} and {y:text}{empty}{z:text} ok", { a: "A", x: " x ", y: "", empty: "", z: "z" }),
    ).toEqual([text("Look at A"), text(" x "), text("and"), text(""), text("z"), text("ok")]);
  });

  test("a single text part collapses to a string", () => {
    expect(content("{x:text}", { x: " x\n" })).toBe(" x\n");
    expect(content(" {x:texts} a ", { x: [] })).toBe("a");
    expect(content("{p:part}", { p: text("p") })).toBe("p");
  });

  test("texts, part and parts are taken as they are", () => {
    const part = { type: "image", url: "https://example.com/a.png" } as const;
    expect(
      content("{t:texts} {o.p:part} {ps:parts}", { t: ["a", "b"], o: { p: part }, ps: [part, text("c")] }),
    ).toEqual([text("a"), text("b"), part, part, text("c")]);
  });

  test("media are made from bytes, addresses and paths, by attribute access too", () => {
    const values = { o: { photo: png }, url: "https://example.com/a.png", sound: mp3, paper: pdf, path: "cover.png" };
    expect(
      content("a {o.photo:image( detail = low )} b {sound:audio}{paper:document} {url:image} {path:image}", values),
    ).toEqual([
      text("a"),
      image(png, { detail: "low" }),
      text("b"),
      audio(mp3),
      document(pdf),
      image("https://example.com/a.png"),
      image("cover.png"),
    ]);
    expect(content("{i:images(detail=high)} {a:audios} {d:documents}", { i: [png, png], a: [mp3], d: [pdf] })).toEqual([
      image(png, { detail: "high" }),
      image(png, { detail: "high" }),
      audio(mp3),
      document(pdf),
    ]);
  });

  test("an absent medium is left out", () => {
    for (const x of [undefined, null, ""]) {
      expect(content("Look: {x:image}", { x })).toBe("Look:");
      expect(content("Look: {x:audios}", { x: [x, mp3] })).toEqual([text("Look:"), audio(mp3)]);
      expect(render("USER: a\nUSER: {x:document}", { x })).toEqual([{ role: "user", content: "a" }]);
    }
  });

  test("cache_control marks the part before it", () => {
    expect(
      content("Long {x}. {:cache_control} {y:text}{:cache_control( type=ephemeral, ttl = 1h )}", { x: 1, y: "y" }),
    ).toEqual([
      text("Long 1."),
      { type: "cache_control", cacheType: "ephemeral" },
      text("y"),
      { type: "cache_control", cacheType: "ephemeral", ttl: "1h" },
    ]);
    expect(render("SYSTEM: a {:cache_control}\nUSER: {x:image}{:cache_control} b", { x: undefined })).toEqual([
      { role: "system", content: [text("a"), { type: "cache_control", cacheType: "ephemeral" }] },
      { role: "user", content: "b" },
    ]);
  });

  test.each([
    ["{x:text}", 1],
    ["{x:text}", null],
    ["{x:texts}", "abc"],
    ["{x:texts}", ["a", 1]],
    ["{x:part}", { type: "nothing" }],
    ["{x:part}", "a"],
    ["{x:part}", undefined],
    ["{x:parts}", { type: "text", text: "a" }],
    ["{x:parts}", [text("a"), "b"]],
    ["{x:image}", 5],
    ["{x:image}", pdf],
    ["{x:images}", png],
    ["{x:images}", undefined],
    ["{x:audios}", [5]],
  ])("%s refuses %o", (field, x) => {
    expect(() => render(`a ${field}`, { x })).toThrow(PromptError);
    expect(() => render(`a ${field}`, { x })).toThrow(`${JSON.stringify(field)} in the template`);
  });
});
