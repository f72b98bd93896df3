import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { call } from "../../any-provider.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import { Messages } from "../../message/message.ts";
import { jsonSchema } from "../../schema/schema.ts";
import { type LocalMessage, local } from "./index.ts";

// What can be said without a model.

const user = { role: "user", content: "Well?" } as const;
const turns = (...messages: (LocalMessage | Neutral)[]) =>
  local.call("default", () => [user, ...messages, user]).prepare();
type Neutral = ReturnType<typeof Messages.assistant>;

describe("a conversation", () => {
  const silent = { role: "assistant", content: "" } as const;
  const said = (content: string) =>
    ({ role: "assistant", content, toolCalls: [{ id: "1", name: "f", arguments: "{}" }] }) as const;

  test.each([
    ["its own", silent],
    ["a blank one of its own", { role: "assistant", content: "\n\n" } as const],
    ["one that had only thoughts", { role: "assistant", content: "", thinking: "Hm" } as const],
    ["one with an empty list of calls", { ...silent, toolCalls: [] }],
    ["one by its neutral form", Messages.assistant("")],
    [
      "one of another provider",
      { ...Messages.assistant(""), native: { provider: "gemini", message: { role: "model" } } },
    ],
    ["one from a response", { ...Messages.assistant(""), native: { provider: "local", message: silent } }],
  ])("[A1] goes on without a turn that says nothing: %s", async (_, turn) => {
    const { request, messages } = await turns(turn as Neutral);
    expect(request).toEqual({ model: "default", messages: [user, user] });
    expect(messages).toEqual([user, user]);
  });

  test("[A1] keeps the turns that say or call something, as they are", async () => {
    const kept = [
      said(""),
      { role: "tool", toolCallId: "1", content: "" },
      { role: "assistant", content: "So." },
    ] as const;
    const { request } = await turns(...kept);
    expect(request.messages).toEqual([user, ...kept, user]);
  });
});

describe('jsonMode: "schema"', () => {
  const Book = z.object({
    title: z.string().min(2).max(40),
    pages: z.number().int().min(1).max(9).optional(),
    tags: z.record(z.enum(["a", "b"]), z.string().max(3)).optional(),
  });

  test("[I2] holds the answer to the schema as it is, as the default mode does", async () => {
    const schema = local.call("default", { responseModel: Book, jsonMode: "schema" }, () => "Invent");
    const tool = local.call("default", { responseModel: Book }, () => "Invent");
    const [{ request }, byTool] = [await schema.prepare(), await tool.prepare()];
    expect(request.responseSchema).toEqual(byTool.request.tools?.[0]?.parameters);
    expect(request.responseSchema).toMatchObject({
      properties: {
        title: { type: "string", minLength: 2, maxLength: 40 },
        pages: { type: "integer", minimum: 1, maximum: 9 },
      },
      required: ["title"],
    });
  });

  test("[I2] also where the provider is chosen at run time, and not where it has a subset of its own", async () => {
    const responseModel = Book.omit({ tags: true });
    const ask = (model: `${"local" | "openai"}/${string}`) =>
      call(model, { responseModel, jsonMode: "schema" }, () => "Invent").prepare();
    const [here, there] = await Promise.all([ask("local/default"), ask("openai/gpt-4o-mini")]);
    expect(here.output).toMatchObject({ mode: "schema", strict: false, schema: { required: ["title"] } });
    expect(there.output).toMatchObject({ mode: "schema", strict: true, schema: { required: ["title", "pages"] } });
  });
});

describe("what can only fail", () => {
  test.each([undefined, true, "schema"] as const)(
    "[I1] a schema that accepts nothing is refused, jsonMode %s",
    async (jsonMode) => {
      const never = jsonSchema({
        type: "object",
        properties: { a: { type: "array", minItems: 3, maxItems: 1 } },
        required: ["a"],
      });
      for (const stream of [true, false] as const) {
        const options = { responseModel: never, stream, ...(jsonMode && { jsonMode }) };
        const failure = await local
          .call("default", options, () => "hi")
          .prepare()
          .catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(UnsupportedError);
        expect(failure).toHaveProperty("message", expect.stringMatching(/at ".*properties\/a", it accepts nothing\.$/));
      }
    },
  );

  test.each([
    ["root ::= missing", "it has no rule `missing`, in line 1"],
    ['\nx ::= "a"', "it has no rule `root`, in line 2"],
    ["root ::= [a]{2,1}", "the most is less than the least, in line 1"],
    ["root ::= [a]{0,-1}", "a count like `{1,2}` was expected, in line 1"],
    ['root ::= "a', '`"` was expected, in line 1'],
    ["root ::= [a", "`]` was expected, in line 1"],
    ['root ::= ("a" | "b"', "`)` was expected, in line 1"],
    ["root ::= *", "something to repeat was expected before `*`, in line 1"],
    ['root ::= "\\q"', "it has an escape that is none, in line 1"],
    ['root ::= "a"\nroot = "a"', "`::=` was expected, in line 2"],
    ['root ::= "a")', "the end of the rule was expected, in line 1"],
    [`root ::= ${"(".repeat(2000)}`, "its brackets are too deep, in line 1"],
  ])("[I1] a grammar that llama.cpp would print is refused: %j", async (grammar, reason) => {
    const failure = await local
      .call("default", { callParams: { grammar } }, () => "hi")
      .prepare()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConfigError);
    expect(failure).toHaveProperty("message", `local: \`grammar\` is not one that llama.cpp can read: ${reason}.`);
  });

  test("one that it reads is taken as it is", async () => {
    const grammar = [
      'root ::= (word " "?){1,3} | [^\\]"\\x41-\\u00ff]+ "\\n"* # no more',
      'word ::= "\\"" . "\\U0001F600" |',
      "  [a-z]{ 2 , } other-1 !<[12]> <think> {3}",
      "other-1 ::= ()\r\n",
    ].join("\n");
    const { request } = await local.call("default", { callParams: { grammar } }, () => "hi").prepare();
    expect(request.grammar).toBe(grammar);
  });

  test.each(["@huggingface/jinja", "node-llama-cpp"])(
    "without %s says so in a sentence, before a model is looked for",
    async (name) => {
      const folder = await mkdtemp(join(tmpdir(), "callscope-missing-"));
      // Resolved from a folder that has no packages, as where it was not installed.
      const program = `
      import { registerHooks } from "node:module";
      const parentURL = ${JSON.stringify(`file://${folder}/none.js`)};
      registerHooks({
        resolve: (specifier, context, next) =>
          specifier !== ${JSON.stringify(name)} || context.parentURL.includes("/node_modules/")
            ? next(specifier, context)
            : next(specifier, { ...context, parentURL }),
      });
      const { local } = await import(${JSON.stringify(resolve(import.meta.dirname, "index.ts"))});
      const error = await local.call("none.gguf", () => "hi")().catch((error) => error);
      console.log(error.name + ": " + error.message);
    `;
      await writeFile(join(folder, "program.mjs"), program);
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "program.mjs")]);
      expect(stdout).toBe(
        `MissingPackageError: callscope/local needs the package "${name}": run \`npm install ${name}\`.\n`,
      );
      await rm(folder, { recursive: true });
    },
  );
});
