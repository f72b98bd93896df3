import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { scope, type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import * as zod3 from "zod/v3";
import { z as zod3Classic } from "zod-3.25";
import { z as zod325 } from "zod-3.25/v4";
import { z as mini325 } from "zod-3.25/v4-mini";
import { z as zod40 } from "zod-4.0";
import { z as mini40 } from "zod-4.0/mini";
import { z as zod41 } from "zod-4.1";
import { z as mini41 } from "zod-4.1/mini";
import { completion, startChat, toolCall } from "../../test/support/chat-server.ts";
import { thrownBy } from "../../test/support/replay.ts";
import { ConfigError } from "../errors/errors.ts";
import { openai } from "../providers/openai/index.ts";
import { tool } from "../tools/tool.ts";
import { prepareSchema, type StandardSchemaV1, schemaName, toJsonSchema, validate } from "./schema.ts";

const say = () => "Hi";

describe("[D21] zod in its versions and faces", () => {
  const faces: [string, () => StandardSchemaV1][] = [
    [
      "zod 4.6",
      () => z.object({ title: z.string().min(1), pages: z.number().optional(), lent: z.boolean().default(false) }),
    ],
    ...([zod41, zod40, zod325] as unknown as (typeof z)[]).map((own, index): [string, () => StandardSchemaV1] => [
      ["zod 4.1", "zod 4.0", "zod/v4 of 3.25"][index] as string,
      () =>
        own.object({ title: own.string().min(1), pages: own.number().optional(), lent: own.boolean().default(false) }),
    ]),
    ...([mini, mini41, mini40, mini325] as unknown as (typeof mini)[]).map(
      (own, index): [string, () => StandardSchemaV1] => [
        ["zod/mini", "zod/mini of 4.1", "zod/mini of 4.0", "zod/v4-mini of 3.25"][index] as string,
        () =>
          own.object({
            title: own.string().check(own.minLength(1)),
            pages: own.optional(own.number()),
            lent: own._default(own.boolean(), false),
          }),
      ],
    ),
  ];

  test.each(faces)("%s: as response model and as parameters", async (_, make) => {
    const schema = make();
    const parameters = {
      type: "object",
      properties: {
        title: { type: "string", minLength: 1 },
        pages: { type: "number" },
        lent: { type: "boolean", default: false },
      },
      required: ["title"],
    };
    expect(await prepareSchema(schema)).toEqual(parameters);
    expect(toJsonSchema(schema)).toEqual(parameters);
    const args = { title: "Dune", pages: null };
    await using server = await startChat(
      completion({ tool_calls: [toolCall("answer", args)] }),
      completion({ tool_calls: [toolCall("own", args)] }),
    );
    const { client } = server;
    const right = { title: "Dune", lent: false };
    expect(await openai.call("m", { client, responseModel: make() }, say)()).toEqual(right);
    const own = tool({ name: "own", parameters: make(), call: (given) => given });
    const response = await openai.call("m", { client, tools: [own] }, say)();
    expect(await response.tool?.call()).toEqual(right);
    const sent = server.bodies.map((body) => (body as { tools: { function: object }[] }).tools[0]?.function);
    expect(sent).toMatchObject([{ parameters }, { parameters }]);
  });

  test.each<[string, StandardSchemaV1]>([
    ["zod/v3", zod3.object({ title: zod3.string() })],
    ["zod 3.25, classic", zod3Classic.object({ title: zod3Classic.string() })],
  ])("%s has no JSON Schema: the sentence says from which version on", async (_, responseModel) => {
    const error = await thrownBy(() => openai.call("m", { responseModel }, say).prepare());
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain("update zod to 4.2 or newer");
  });

  test("a date is refused in every one of them", async () => {
    for (const own of [z, zod41, zod40, zod325, mini, mini40] as unknown as (typeof mini)[]) {
      await expect(prepareSchema(own.object({ at: own.date() }))).rejects.toBeInstanceOf(ConfigError);
    }
  });
});

test("[D21] any library's own method does where there is no standard one", async () => {
  const json = { type: "object", properties: { a: { type: "string" } } };
  const asked: unknown[] = [];
  for (const name of ["toJSONSchema", "toJsonSchema"]) {
    const schema = {
      "~standard": { version: 1 as const, vendor: "own", validate: (value: unknown) => ({ value }) },
      [name](options: unknown) {
        asked.push([this === schema, options]);
        return json;
      },
    };
    expect(await prepareSchema(schema)).toEqual(json);
  }
  const options = expect.objectContaining({ target: "draft-2020-12", io: "input" });
  expect(asked).toEqual([
    [true, options],
    [true, options],
  ]);
});

describe("[D5] what valibot's converter refuses although the value can be described", () => {
  const string = { type: "string" };
  test.each<[string, v.GenericSchema<unknown>, object, good: unknown, bad: unknown]>([
    ["trim", v.pipe(v.string(), v.trim(), v.minLength(1)), { ...string, minLength: 1 }, " a ", " "],
    ["nonEmpty", v.pipe(v.string(), v.nonEmpty()), { ...string, minLength: 1 }, "a", ""],
    [
      "check",
      v.pipe(
        v.string(),
        v.check((text) => text !== "no"),
      ),
      string,
      "a",
      "no",
    ],
    ["brand", v.pipe(v.string(), v.brand("Id")), string, "a", 1],
    ["readonly", v.pipe(v.string(), v.readonly()), string, "a", 1],
    ["toMinValue", v.pipe(v.number(), v.toMinValue(3)), { type: "number" }, 1, "a"],
    ["two regexes", v.pipe(v.string(), v.regex(/^a/), v.regex(/z$/)), { ...string, pattern: "^a" }, "az", "ab"],
    ["a flag", v.pipe(v.string(), v.regex(/^a/i)), string, "Ab", "b"],
    ["a flag before none", v.pipe(v.string(), v.regex(/^a/i), v.regex(/z$/)), { ...string, pattern: "z$" }, "Az", "Ab"],
    ["a flag after none", v.pipe(v.string(), v.regex(/z$/), v.regex(/^a/i)), { ...string, pattern: "z$" }, "Az", "Ab"],
    ["a case", v.pipe(v.string(), v.toUpperCase(), v.startsWith("A")), { ...string, pattern: "^A" }, "ab", "b"],
  ])("%s", async (_, schema, expected, good, bad) => {
    const described = { type: "object", properties: { a: expected }, required: ["a"] };
    const object = v.object({ a: schema });
    expect(await prepareSchema(object)).toEqual(described);
    expect(toJsonSchema(toStandardJsonSchema(v.object({ a: schema })))).toEqual(described);
    expect(validate(object, { a: good })).not.toHaveProperty("issues");
    expect(validate(object, { a: bad })).toHaveProperty("issues");
  });

  test("partialCheck, and keys of a record that are no plain strings", async () => {
    const pair = v.pipe(
      v.object({ a: v.string(), b: v.string() }),
      v.forward(
        v.partialCheck([["a"], ["b"]], ({ a, b }) => a === b),
        ["b"],
      ),
    );
    expect(await prepareSchema(pair)).toMatchObject({ type: "object", required: ["a", "b"] });
    expect(validate(pair, { a: "x", b: "y" })).toHaveProperty("issues");
    const record = v.record(v.picklist(["x", "y"]), v.number());
    expect(await prepareSchema(record)).toMatchObject({ additionalProperties: { type: "number" } });
  });

  test.each<[string, v.GenericSchema]>([
    ["a date", v.object({ at: v.date() })],
    ["a date within bounds", v.object({ at: v.pipe(v.date(), v.minValue(new Date(0))) })],
    ["a bigint", v.object({ n: v.pipe(v.bigint(), v.minValue(1n)) })],
    ["an instance", v.object({ n: v.instance(URL) })],
    ["a symbol", v.object({ s: v.symbol() })],
  ])("%s is refused still", async (_, schema) => {
    await expect(prepareSchema(schema)).rejects.toThrow(/cannot be converted to JSON Schema/);
  });
});

describe("[D9] arktype's unnamed types", () => {
  test("are unnamed, and the same text however many were made before", () => {
    const make = () => type({ "next?": "this|null", kids: "this[]" });
    const [first, noise, second] = [make(), type({ a: "this[]", b: "string|number|null" }), make()];
    expect(noise).toBeDefined();
    const schema = toJsonSchema(first);
    expect(JSON.stringify(toJsonSchema(second))).toBe(JSON.stringify(schema));
    expect(schema).not.toHaveProperty("title");
    expect(schemaName(first, "answer")).toBe("answer");
    expect(JSON.stringify(schema)).not.toMatch(/(?:intersection|union|type)\d/);
    expect(Object.keys(schema.$defs ?? {})).toEqual(["definition1", "definition2", "definition3"]);
    expect(validate(first, { kids: [{ kids: [] }] })).toEqual({ value: { kids: [{ kids: [] }] } });
  });

  test("of a scope alike; every reference leads somewhere", () => {
    const make = () => scope({ a: { "b?": "b" }, b: { "a?": "a", "list?": "a[]" } }).export();
    const [one, other] = [toJsonSchema(make().a), toJsonSchema(make().a)];
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    const references = JSON.stringify(one).match(/#\/\$defs\/[^"]+/g) ?? [];
    expect(references.length).toBeGreaterThan(1);
    for (const reference of references) expect(Object.keys(one.$defs ?? {})).toContain(reference.slice(8));
  });

  test("nor has a recursive one of zod a name that nobody gave it", () => {
    const Tree: z.ZodType = z.lazy(() => z.object({ kids: z.array(Tree) }));
    expect(schemaName(Tree, "answer")).toBe("answer");
  });
});
