import { describe, expect, test } from "vitest";
import { PromptError } from "../errors/errors.ts";
import { dedent } from "./dedent.ts";

describe("dedent as a tag", () => {
  test("removes the common indentation and the outer blank lines, and keeps the rest", () => {
    expect(dedent`
      Recommend a ${"fantasy"} book:

        - one line
      Thanks.   
    `).toBe("Recommend a fantasy book:\n\n  - one line\nThanks.   ");
  });

  test("drops one blank line at each end, no more", () => {
    expect(dedent`

      a

    `).toBe("\na\n");
    expect(dedent``).toBe("");
    expect(dedent`   `).toBe("");
    expect(dedent`a`).toBe("a");
    expect(dedent`
`).toBe("");
  });

  test("leaves values as they are: neither dedented nor indented nor trimmed", () => {
    const code = "\n    if (x) {\n  }\n";
    expect(dedent`
      Review:
        ${code}
      ${"  indented"}
    `).toBe(`Review:\n  ${code}\n  indented`);
    expect(dedent`${"    a\n    b"}`).toBe("    a\n    b");
    expect(dedent`
      ${"\n\n"}
      a
      ${" "}`).toBe("\n\n\na\n ");
    expect(dedent`
      a\r
      ${"x\r\ny"}`).toBe("a\r\nx\r\ny");
  });

  test("a line that begins with a value counts with the indentation before it", () => {
    expect(dedent`
        deep
      ${"x"}
    `).toBe("  deep\nx");
    expect(dedent`
      a
    ${""}`).toBe("  a\n");
  });

  test("a first line right behind the backtick counts as not indented", () => {
    expect(dedent`a
      b`).toBe("a\n      b");
    expect(dedent`${"a"}
      b`).toBe("a\n      b");
  });

  test("an escaped line break begins no line", () => {
    expect(dedent`
      Say "a\nb"
        \u{1F600}\x41\u0042\t\\n😀\
      c
    `).toBe('Say "a\nb"\n  😀AB\t\\n😀      c');
  });

  test("writes values as string templates do", () => {
    expect(dedent`${1} ${undefined} ${null} ${["a"]} ${new Date(0)}`).toBe('1   ["a"] 1970-01-01T00:00:00.000Z');
    expect(() => dedent`${1} ${() => 1}`).toThrow(PromptError);
    expect(() => dedent`${1} ${() => 1}`).toThrow("Value 2 of `dedent`");
  });

  test("refuses an invalid escape", () => {
    expect(() => dedent(Object.assign([undefined], { raw: ["\\u"] }) as unknown as TemplateStringsArray)).toThrow(
      PromptError,
    );
  });
});

describe("dedent of a text", () => {
  test("does the same to a whole text", () => {
    expect(dedent("\n    a\n      b\n\n    c\n  ")).toBe("a\n  b\n\nc");
    expect(dedent("\r\n  a\r\n  b\r\n")).toBe("a\nb");
    expect(dedent("a\n  b")).toBe("a\n  b");
    expect(dedent("\ta\n\t  b\n")).toBe("a\n  b");
  });

  test("does not take a tab for spaces", () => {
    expect(dedent("\ta\n  b")).toBe("\ta\n  b");
    expect(dedent("  \ta\n   b")).toBe("\ta\n b");
  });
});
