import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, UnsupportedError } from "../../src/errors/errors.ts";
import { describeAnswer } from "../../src/prepare/output-plan.ts";
import { gemini } from "../../src/providers/gemini/index.ts";
import { jsonSchema, type StandardSchemaV1 } from "../../src/schema/schema.ts";
import { takesNothing } from "../../src/schema/wrap.ts";
import { tool } from "../../src/tools/tool.ts";
import { collect, thrownBy } from "../support/replay.ts";
import { ask, askFor, growing, type Json, serve } from "./lane.ts";
import { lanes } from "./lanes/index.ts";
import { saidAs } from "./shapes.ts";

const text = async (lane: (typeof lanes)[number], options: object) =>
  JSON.stringify((await ask(lane, options).prepare()).request);

describe.each(lanes)("$name: shapes of answers", (lane) => {
  test.each<[string, StandardSchemaV1]>([
    ["zod", z.record(z.string(), z.number())],
    ["valibot", v.record(v.string(), v.number())],
    ["arktype", type({ "[string]": "number" })],
    ["JSON Schema", jsonSchema({ type: "object", additionalProperties: { type: "number" } })],
  ])("[D6] a record of %s has a list of properties as the parameters of a function", async (_, schema) => {
    await using server = await serve(lane, await saidAs(lane, { responseModel: schema }, { a: 1 }));
    expect(await askFor(lane, { responseModel: schema, client: server.client })()).toEqual({ a: 1 });
    expect(server.requests[0]?.text).toContain('"properties":{}');
    const count = tool({ name: "count", parameters: schema, call: () => "" });
    expect(await text(lane, { tools: [count] })).toContain('"properties":{}');
  });

  const Vote = z.union([
    z.object({ kind: z.literal("yes"), value: z.string().optional() }),
    z.object({ value: z.object({ kind: z.literal("no") }) }),
  ]);

  test.each([
    ["wrapped", { value: { kind: "yes", value: "x" } }, { kind: "yes", value: "x" }],
    ["bare", { kind: "yes", value: "x" }, { kind: "yes", value: "x" }],
    ["bare, without the optional one", { kind: "yes" }, { kind: "yes" }],
    ["wrapped, with one key of that name", { value: { value: { kind: "no" } } }, { value: { kind: "no" } }],
    ["bare, with one key of that name", { value: { kind: "no" } }, { value: { kind: "no" } }],
  ])("[D11] a union with a key of the wrapper's name: %s", async (_, said, expected) => {
    const answer = JSON.stringify(said);
    await using server = await serve(lane, { text: answer });
    const options = { responseModel: Vote, jsonMode: true, client: server.client };
    expect(await askFor(lane, options)()).toEqual(expected);
    expect((await collect(growing(lane, options)())).at(-1)).toEqual(expected);
  });

  test("[D18] words that say nothing of the task, and those of the caller", async () => {
    const Mood = z.enum(["up", "down"]);
    for (const responseModel of [Mood, z.number(), z.boolean(), z.array(z.string()), z.object({ a: z.string() })]) {
      for (const jsonMode of [false, true, "schema"]) {
        expect(await text(lane, { responseModel, jsonMode })).not.toContain("from the text");
      }
    }
    const { output } = await ask(lane, { responseModel: Mood }).prepare();
    expect(output).toMatchObject({ name: "answer", description: "The answer." });
    const own = describeAnswer(Mood, {
      name: "vote",
      description: "A vote.",
      wrapper: "mood",
      instruction: "As JSON:",
    });
    for (const jsonMode of [false, true]) {
      const options = { responseModel: own, jsonMode };
      const { output: asked } = await ask(lane, options).prepare();
      expect(asked).toMatchObject({ name: "vote", description: "A vote.", schema: { required: ["mood"] } });
      const wrapped = JSON.stringify({ mood: "up" });
      const said = jsonMode ? { text: wrapped } : { toolCalls: [{ id: "call_1", name: "vote", args: wrapped }] };
      await using server = await serve(lane, said);
      expect(await askFor(lane, { ...options, client: server.client })()).toBe("up");
      expect(await collect(growing(lane, { ...options, client: server.client })())).toContain("up");
      if (jsonMode)
        expect(
          server
            .turns()
            .map(({ text: words }) => words)
            .join("\n"),
        ).toContain("As JSON:\n{");
    }
    // The given schema is as it was, and a model of the call's arguments may be described, too.
    expect((await ask(lane, { responseModel: Mood }).prepare()).output?.name).toBe("answer");
    const made = (name: string) => describeAnswer(z.string(), { name });
    const call = ask(lane, { responseModel: made }, (name: string) => name);
    expect((await call.prepare("dynamic")).output?.name).toBe("dynamic");
  });

  test("[D20] what is no response model is a ConfigError", async () => {
    class Book {}
    const functions = [Book, () => undefined, () => ({}), () => Promise.resolve(z.string()), () => Book];
    for (const responseModel of functions) {
      const error = await thrownBy(async () => await ask(lane, { responseModel }).prepare());
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).toContain("`responseModel`");
    }
  });
});

test("[D18] words that no provider would take are a ConfigError", () => {
  for (const said of [{ name: "a b" }, { name: "" }, { name: "1a" }, { wrapper: "größe" }, { nam: "x" }]) {
    expect(() => describeAnswer(z.string(), said)).toThrow(ConfigError);
  }
  expect(() => describeAnswer({} as never, {})).toThrow("describeAnswer takes a schema");
});

const call = () => "";
const hi = () => "Hi";
const sentBy = async (options: object): Promise<Json> =>
  (await gemini.call("gemini-2.5-flash", options, hi).prepare()).request.config as Json;

describe("Google's schemas", () => {
  interface Tree {
    name: string;
    parent?: Tree | undefined;
    kids: Tree[];
  }
  const Tree: z.ZodType<Tree> = z.object({
    name: z.string(),
    get parent() {
      return Tree.optional();
    },
    get kids() {
      return z.array(Tree);
    },
  });

  test("[D7] lead back to themselves in properties only that are not required", async () => {
    const strict = await sentBy({ responseModel: Tree, jsonMode: "schema" });
    expect(strict.responseJsonSchema).toMatchObject({ required: ["name"] });
    expect(JSON.stringify(strict.responseJsonSchema)).not.toContain('"null"');
    const parameters = jsonSchema({
      type: "object",
      properties: { node: { $ref: "#/$defs/node" }, plain: { type: "string" } },
      required: ["node", "plain"],
      $defs: {
        node: {
          type: "object",
          properties: { on: { type: "object", properties: { next: { $ref: "#/$defs/node" } }, required: ["next"] } },
          required: ["on"],
        },
      },
    });
    const config = await sentBy({ tools: [tool({ name: "t", parameters, call })] });
    expect(config.tools).toMatchObject([
      {
        functionDeclarations: [
          {
            parametersJsonSchema: {
              required: ["node", "plain"],
              $defs: { node: { required: ["on"], properties: { on: { required: [] } } } },
            },
          },
        ],
      },
    ]);
  });

  test("[D7] enums are of strings and numbers, optional ones are not required", async () => {
    const config = await sentBy({
      jsonMode: "schema",
      responseModel: jsonSchema({
        type: "object",
        properties: {
          grade: { enum: ["x", "y", null], description: "Grade." },
          yes: { enum: [true] },
          mixed: { enum: ["a", 1, 2] },
          size: { enum: [1, 2] },
          maybe: { type: "string" },
        },
        required: ["grade", "yes", "mixed", "size"],
      }),
    });
    expect(config.responseJsonSchema).toEqual({
      type: "object",
      properties: {
        grade: { description: "Grade.", anyOf: [{ type: "string", enum: ["x", "y"] }, { type: "null" }] },
        yes: { type: "boolean" },
        mixed: {
          anyOf: [
            { type: "string", enum: ["a"] },
            { type: "number", enum: [1, 2] },
          ],
        },
        size: { type: "integer", enum: [1, 2] },
        maybe: { type: "string" },
      },
      required: ["grade", "yes", "mixed", "size"],
      additionalProperties: false,
    });
  });

  test("[D10] the keys that a record may have are listed", async () => {
    const config = await sentBy({ responseModel: z.record(z.enum(["a", "b"]), z.number()) });
    expect(config.tools).toMatchObject([
      {
        functionDeclarations: [
          {
            parametersJsonSchema: {
              properties: { a: { type: "number" }, b: { type: "number" } },
              required: ["a", "b"],
            },
          },
        ],
      },
    ]);
  });

  test("[D20] a tool's name that Google refuses is refused where it is sent", async () => {
    const check = tool({ name: "2fa_check", call });
    const error = await thrownBy(() => sentBy({ tools: [check] }));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as Error).message).toContain('"2fa_check"');
    expect((await sentBy({ tools: [tool({ name: "_2fa", call })] })).tools).toHaveLength(1);
  });
});

test("[D10] Cohere's enums of several types have the values of each", async () => {
  const lane = lanes.find(({ name }) => name === "cohere") ?? expect.unreachable();
  const responseModel = jsonSchema({
    type: "object",
    properties: { size: { enum: ["s", 1, 2, null, true] } },
    required: ["size"],
  });
  const { request } = await ask(lane, { responseModel, jsonMode: "schema" }).prepare();
  expect(request).toMatchObject({
    responseFormat: {
      jsonSchema: {
        properties: {
          size: {
            anyOf: [
              { type: "string", enum: ["s"] },
              { type: "integer", enum: [1, 2] },
              { type: "null" },
              { type: "boolean", enum: [true] },
            ],
          },
        },
      },
    },
  });
});

test("a function whose parameters are elsewhere takes something", () => {
  expect(takesNothing({ type: "object", properties: {}, additionalProperties: false })).toBe(true);
  expect(takesNothing({ type: "object", $ref: "#/$defs/a", $defs: { a: { type: "object" } } })).toBe(false);
  expect(takesNothing({ type: "object", allOf: [{ required: ["a"] }] })).toBe(false);
});
