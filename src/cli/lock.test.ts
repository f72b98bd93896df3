import { describe, expect, test } from "vitest";
import { imports, type Workplace, workplace } from "../../test/support/run-command.ts";

const books = `${imports}
const search = tool({ name: "search", description: "Looks for books.", parameters: z.object({ query: z.string() }), call: () => "" });
const Book = z.object({ title: z.string(), author: z.string() }).meta({ title: "Book" });
export const recommend = openai.call(
  "gpt-4o-mini",
  { callParams: { temperature: 0.2, max_completion_tokens: 500 }, tools: [search] },
  (genre: string) => [{ role: "system", content: "You know books." }, { role: "user", content: \`Recommend a \${genre} book.\` }],
);
export const extract = openai.call("gpt-4o-mini", { responseModel: Book }, (text: string) => \`Extract: \${text}\`);
export const samples = [{ call: recommend, args: ["fantasy"] }, { call: extract, args: ["Dune"] }];
`;

async function locked(text = books): Promise<Workplace> {
  const place = workplace({ "src/books.ts": text });
  expect(await place.run("lock")).toMatchObject({ code: 0, errors: "" });
  return place;
}

describe("callscope lock", () => {
  test("writes a file a call, which says all that a review asks", async () => {
    using place = await locked();
    const text = place.read("prompts/books.recommend.md");
    for (const part of [
      "# books.recommend",
      "- model: gpt-4o-mini",
      '"temperature": 0.2',
      "### Tool search",
      '"description": "Looks for books."',
      '## recommend("fantasy")',
      "### 1. system\n\n```text\nYou know books.\n```",
      "### 2. user\n\n```text\nRecommend a fantasy book.\n```",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toMatch(/^- estimated input: \d+ tokens$/m);
    expect(text).toMatch(/^- cost with an empty answer: \$0\.0\d+ a call$/m);
    // 500 tokens at $0.6 a million, and the prompt.
    expect(text).toMatch(/^- cost at most: \$0\.000[3]\d* a call$/m);
    expect(place.read("prompts/books.extract.md")).toContain("### Schema of the answer");
    expect(await place.run("lock", "--check")).toEqual({
      code: 0,
      output: "2 calls, 0 not as their files say.\n",
      errors: "",
    });
    expect((await place.run("lock")).output).toBe("2 files, 2 unchanged.\n");
  });

  test("--check says what a prompt says now, and what that costs", async () => {
    using place = await locked();
    const more = "Say why, in one sentence. ".repeat(60);
    place.write("src/books.ts", books.replace("Recommend a ", `${more}\\nRecommend a short `));
    const { code, output } = await place.run("lock", "--check");
    expect(code).toBe(1);
    expect(output).toContain("books.recommend: is not what prompts/books.recommend.md says\n");
    expect(output).toContain("the prompt says now:\n");
    expect(output).toContain("      - Recommend a fantasy book.\n");
    expect(output).toContain("      + Recommend a short fantasy book.\n");
    expect(output).toMatch(/ \+\d{3} tokens \(\d+ tokens -> \d+ tokens\), \+\$0\.0000\d+ a call \(\$/);
    expect(output).not.toContain("books.extract");
    // Nothing was written.
    expect(place.read("prompts/books.recommend.md")).not.toContain("short");
    expect((await place.run("lock", "--check")).code).toBe(1);
  });

  test.each([
    ["a schema's field is gone", ", author: z.string()", "", 'the answer: "author" is gone'],
    [
      "a schema's field is new",
      "author: z.string()",
      "author: z.string(), year: z.number().optional()",
      'the answer: "year" is new, optional: {"type":"number"}',
    ],
    [
      "a field is optional",
      "author: z.string()",
      "author: z.string().optional()",
      'the answer: "author" is optional now',
    ],
    [
      "a field is of another type",
      "author: z.string()",
      "author: z.number()",
      'the answer: "author" type "string" -> "number"',
    ],
    [
      "fields change places",
      "title: z.string(), author: z.string()",
      "author: z.string(), title: z.string()",
      "the answer: properties stand in another order: author, title",
    ],
    [
      "a tool's argument changes",
      "query: z.string()",
      "query: z.string().min(2)",
      'the tool search: "query" minLength 2 is new',
    ],
    [
      "a tool's description changes",
      "Looks for books.",
      "Finds books.",
      'the tool search: description "Looks for books." -> "Finds books."',
    ],
    ["a tool is gone", ", tools: [search]", "", "the tool search is gone"],
    ["a tool is strict", 'name: "search",', 'name: "search", strict: true,', "the tool search: strict false -> true"],
    ["a parameter changes", "temperature: 0.2", "temperature: 0.9", "the parameter temperature: 0.2 -> 0.9"],
    ["a parameter is gone", "temperature: 0.2, ", "", "the parameter temperature is gone; it was 0.2"],
    [
      "a limit changes the cost",
      "max_completion_tokens: 500",
      "max_completion_tokens: 5000",
      "+$0.0027 a call at most",
    ],
    ["the model changes", '"gpt-4o-mini",\n', '"gpt-4o",\n', "model: gpt-4o-mini -> gpt-4o"],
    ["a message is new", '{ role: "user"', '{ role: "user", content: "Hello." }, { role: "user"', "+ user:"],
    [
      "the answer is asked for another way",
      "responseModel: Book",
      'responseModel: Book, jsonMode: "schema"',
      "answer: by the tool Book",
    ],
    ["a sample has other arguments", '"Dune"', '"Emma"', 'the sample was extract("Dune")'],
  ])("--check tells where %s", async (_, before, after, sentence) => {
    using place = await locked();
    expect(books).toContain(before);
    place.write("src/books.ts", books.replace(before, after));
    const { code, output } = await place.run("lock", "--check");
    expect(output).toContain(sentence);
    expect(code).toBe(1);
  });

  test("--check tells of calls without a file, and of files without a call; lock puts both right", async () => {
    using place = await locked();
    place.write("src/books.ts", books.replaceAll("extract", "pick"));
    const { code, output } = await place.run("lock", "--check");
    expect(code).toBe(1);
    expect(output).toContain("books.pick: is not locked: there is no prompts/books.pick.md\n");
    expect(output).toContain("books.extract: has prompts/books.extract.md, but is gone\n");
    place.write("prompts/notes.md", "# Notes of our own\n");
    expect((await place.run("lock")).output).toContain("prompts/books.extract.md is removed: its call is gone");
    expect((await place.run("lock", "--check")).code).toBe(0);
    expect(place.read("prompts/notes.md")).toBe("# Notes of our own\n");
  });

  test("--json and --github say the same", async () => {
    using place = await locked();
    place.write("src/books.ts", books.replace(", author: z.string()", "").replace("Recommend a ", "Recommend 100% "));
    const { code, output } = await place.run("lock", "--check", "--json");
    expect(code).toBe(1);
    const { check, files } = JSON.parse(output);
    expect(check).toBe(true);
    expect(files).toEqual([
      expect.objectContaining({ call: "books.recommend", file: "prompts/books.recommend.md", status: "changed" }),
      expect.objectContaining({ call: "books.extract", source: "src/books.ts", status: "changed" }),
    ]);
    expect(files[1].differences).toContainEqual({
      kind: "schema",
      place: "author",
      message: 'the answer: "author" is gone',
    });
    expect(files[0].differences[0].lines).toContainEqual({ sign: "+", text: "Recommend 100% fantasy book." });
    const github = await place.run("lock", "--check", "--github");
    expect(github.code).toBe(1);
    const [first = "", second = ""] = github.output.split("\n");
    const line = books.split("\n").findIndex((text) => text.startsWith("export const recommend")) + 1;
    expect(first).toContain(
      `::error file=src/books.ts,line=${line},title=books.recommend%3A is not what prompts/books.recommend.md says::`,
    );
    expect(first).toContain("%0A      + Recommend 100%25 fantasy book.");
    expect(second).toContain('the answer: "author" is gone');
  });

  test("a configuration lists modules and samples, in the folder it names", async () => {
    using place = workplace({
      "app/books.ts": books,
      "app/loose.js": `${imports}export const loose = openai.call("gpt-4o-mini", () => "Hi");\nexport const inner = { call: openai.call("gpt-4o-mini", () => "Ho") };\n`,
      "callscope.config.ts": `import { inner, loose } from "./app/loose.js";
export default { modules: ["app/*.ts", "app/loose.js"], prompts: "app/locked", samples: [{ call: loose }, { call: inner.call, name: "loose.inner" }] };\n`,
    });
    expect(await place.run("lock")).toMatchObject({ code: 0, errors: "" });
    expect(place.read("app/locked/loose.loose.md")).toContain("Hi");
    expect(place.read("app/locked/loose.inner.md")).toContain("Ho");
    expect(place.read("app/locked/books.recommend.md")).toContain("fantasy");
    expect((await place.run("lock", "--check")).code).toBe(0);
    // A module alone says nothing of the others.
    expect((await place.run("lock", "app/books.ts")).output).toBe("2 files, 2 unchanged.\n");
  });

  test("a fallback is shown by each of its calls", async () => {
    using place = workplace({
      "both.ts": `${imports}const write = (name: string) => "Greet " + name;
export const greet = fallback(openai.call("gpt-4o-mini", write), anthropic.call("claude-haiku-4-5", write));
export const samples = [{ call: greet, args: ["Ada"] }];\n`,
    });
    expect(await place.run("lock")).toMatchObject({ code: 0, errors: "" });
    const file = place.read("prompts/both.greet.md");
    expect(file).toContain('## greet("Ada"), leg 1, openai gpt-4o-mini\n\n- provider: openai\n');
    expect(file).toContain('## greet("Ada"), leg 2, anthropic claude-haiku-4-5\n\n- provider: anthropic\n');
    place.write("both.ts", place.read("both.ts").replace('"claude-haiku-4-5"', '"claude-nobody"'));
    const { code, output } = await place.run("lint", "--provider", "own", "--quiet", "--on", "2026-10-01");
    expect(code).toBe(1);
    expect(output).toContain("The price list does not know the model claude-nobody of anthropic");
  });

  test("nothing is sent: neither by a module that calls while it is loaded, nor by a prompt", async () => {
    using place = workplace({
      "first.ts": `${imports}export const a = openai.call("gpt-4o-mini", () => "Hi");\nawait a();\nexport const samples = [{ call: a }];\n`,
      "second.ts": `${imports}const b = openai.call("gpt-4o-mini", () => "Hi");
export const a = openai.call("gpt-4o-mini", async () => (await b()).content);\nexport const samples = [{ call: a }];\n`,
    });
    for (const file of ["first.ts", "second.ts"]) {
      const { code, output, errors } = await place.run("lock", file);
      expect({ code, output }).toEqual({ code: 2, output: "" });
      expect(errors).toContain("a request to openai, gpt-4o-mini was about to leave");
    }
  });

  test.each([
    ["no list", "export const samples = {};", "`samples` is a list of { call, args }"],
    ["no call", "export const samples = [{ call: () => 1 }];", "sample 1: its `call` is no call of callscope"],
    ["another key", "export const samples = [{ call: a, arguments: [] }];", 'sample 1 cannot hold "arguments"'],
    ["a call of nobody's", "export const samples = [{ call: a.with({}) }];", "its call is not exported"],
    [
      "a name that leaves the folder",
      'export const samples = [{ call: a, name: "../../x" }];',
      "its `name` has letters",
    ],
    [
      "a module that throws",
      'export const samples = []; throw new Error("no database");',
      "cannot be loaded: no database",
    ],
    [
      "a prompt that throws",
      'export const b = openai.call("m", () => { throw new Error("no user"); });\nexport const samples = [{ call: b }];',
      "The call odd.b cannot be prepared: no user",
    ],
  ])("%s is misuse", async (_, text, sentence) => {
    using place = workplace({
      "odd.ts": `${imports}export const a = openai.call("gpt-4o-mini", () => "Hi");\n${text}\n`,
    });
    const { code, errors } = await place.run("lock");
    expect(errors).toContain(sentence);
    expect(code).toBe(2);
  });

  test("a prompt with fences and headings is read back as it was written; keys and bytes stay out", async () => {
    const text = "# Not a title\n```json\n{}\n```\n## Nor this\n- nor: that\n````";
    using place = workplace({
      "odd.ts": `${imports}export const a = openai.call("gpt-4o-mini", { callParams: { metadata: { api_key: "sk-secret-1" }, max_tokens: 7 } }, (text: string, data: Uint8Array) => text);
export const samples = [{ call: a, args: [${JSON.stringify(text)}, new Uint8Array(5000)] }];\n`,
    });
    await place.run("lock");
    const file = place.read("prompts/odd.a.md");
    expect(file).not.toContain("sk-secret-1");
    expect(file).toContain('"max_tokens": 7');
    expect(file.length).toBeLessThan(2000);
    expect((await place.run("lock", "--check")).code).toBe(0);
    place.write("odd.ts", `${place.read("odd.ts").replace("=> text)", '=> text + "!")')}`);
    expect((await place.run("lock", "--check")).output).toContain("+ ````!");
  });
});
