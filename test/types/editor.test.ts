import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openFile } from "../support/language-server.ts";

// What a person sees in an editor: the compiler's own language server is asked, as an editor asks it.

const text = `import { call, tool } from "../../src/index.ts";
import { anthropic } from "../../src/providers/anthropic/index.ts";
import { openai } from "../../src/providers/openai/index.ts";
import * as z from "zod";

const say = (genre: string) => genre;
const Book = z.object({ title: z.string() });
const one = tool({ name: "one", parameters: Book, call: ({ title }) => title });
const plain = openai.call("gpt-4o-mini", say);
const streamed = openai.call("gpt-4o-mini", { stream: true }, say);
const book = openai.call("gpt-4o-mini", { responseModel: Book }, say);
const counted = openai.call("gpt-4o-mini", { outputParser: ({ content }) => content.length }, say);
const tooled = openai.call("gpt-4o-mini", { tools: [one] }, say);
const chosen = call("openai/gpt-4o-mini", say);
const response = await plain("fantasy");
const value = await book("fantasy");
openai.call("", say);
anthropic.call("", say);
plain.with({ model: "" });
`;
const lines = text.split("\n");
const path = join(import.meta.dirname, "shown-in-an-editor.ts");

/** The place of a piece of the text. */
function placeOf(piece: string, offset: number) {
  const line = lines.findIndex((one) => one.includes(piece));
  return { line, character: (lines[line]?.indexOf(piece) ?? 0) + offset };
}

describe("[F5] in an editor", () => {
  test("what a call gives has a name a shape, and its values are spelled out", { timeout: 60_000 }, async () => {
    await using file = await openFile(path, text);
    const shown: Record<string, string> = {};
    for (const name of ["plain", "streamed", "book", "counted", "tooled", "chosen", "response", "value"]) {
      const said = await file.hover(placeOf(`const ${name} =`, 6));
      // With the fence of Markdown or without it, as the server pleases.
      const code = said.replace(/^```\w*\n/, "").split(/\n(?:```|\n)/)[0] ?? "";
      shown[name] = code
        .replace(/^const \w+: /, "")
        .replace(/\s+/g, " ")
        .trim();
    }
    expect(shown).toEqual({
      plain: "TypedCall<openai.OpenAITypes, [genre: string], ResponsePromise<openai.OpenAITypes>>",
      streamed: "TypedCall<openai.OpenAITypes, [genre: string], Stream<openai.OpenAITypes, never, false>>",
      book: "TypedCall<openai.OpenAITypes, [genre: string], ValuePromise<openai.OpenAITypes, { title: string; }>>",
      counted: "TypedCall<openai.OpenAITypes, [genre: string], ParsedPromise<openai.OpenAITypes, number>>",
      tooled:
        'TypedCall<openai.OpenAITypes, [genre: string], ToolResponsePromise<openai.OpenAITypes, Tool<"one", { title: string; }, string>>>',
      chosen: "TypedCall<AnyTypes, [genre: string], ResponsePromise<AnyTypes>>",
      response: "CallResponse<openai.OpenAITypes, never>",
      value: "{ title: string; }",
    });
  });

  test("the names of models are offered as the SDK has them", { timeout: 60_000 }, async () => {
    await using file = await openFile(path, text);
    expect(await file.completions(placeOf('openai.call("", say)', 13))).toContain("gpt-4o-mini");
    expect(await file.completions(placeOf('anthropic.call("", say)', 16))).toContain("claude-haiku-4-5");
    expect(await file.completions(placeOf('plain.with({ model: "" })', 21))).toContain("gpt-4o-mini");
  });
});
