import { Ajv2020 } from "ajv/dist/2020.js";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { ask, askFor, growing, streamOf } from "../../test/contract/lane.ts";
import { lanes } from "../../test/contract/lanes/index.ts";
import { collect, thrownBy } from "../../test/support/replay.ts";
import { toolLoop } from "../loop/tool-loop.ts";
import { openai } from "../providers/openai/index.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { tool } from "../tools/tool.ts";
import { answer, fake } from "./index.ts";
import { madeUp } from "./made-up.ts";
import { Random } from "./random.ts";

const Person = z.object({
  name: z.string().min(3),
  age: z.int().min(18).max(30),
  email: z.email(),
  kind: z.enum(["author", "reader"]),
  tags: z.array(z.string()).min(1).max(3),
  nick: z.string().optional(),
  address: z.object({ zip: z.string().regex(/^\d{5}$/) }).nullable(),
});

describe.each(lanes)("$name: an answer by itself", (lane) => {
  test("fits the response model in every mode, whole and streamed, and is the same each time", async () => {
    for (const jsonMode of [undefined, true]) {
      const options = { responseModel: Person, ...(jsonMode && { jsonMode }) };
      const ask = () => askFor<z.infer<typeof Person>>(lane, { ...options, layers: [fake()] })();
      const [first, second] = [await ask(), await ask()];
      expect(Person.parse(first)).toEqual(first);
      expect(second).toEqual(first);
      const seen = await collect(growing(lane, { ...options, layers: [fake()] })());
      expect(Person.safeParse(seen.at(-1)).success).toBe(true);
    }
    const list = z.array(z.number().min(5)).min(2);
    expect(list.safeParse(await askFor(lane, { responseModel: list, layers: [fake()] })()).success).toBe(true);
  });

  test("calls the tools with arguments that fit, runs a loop to its end, and else says a sentence", async () => {
    const seen: unknown[] = [];
    const find = tool({
      name: "find",
      parameters: z.object({ person: Person }),
      call: (args) => {
        seen.push(args);
        return "found";
      },
    });
    const model = fake();
    const run = await toolLoop(ask(lane, { layers: [model], tools: [find] }) as never)();
    expect(run).toMatchObject({ status: "done" });
    expect(run.response?.content).toMatch(/^[A-Z][a-z ]+\./);
    expect(Person.safeParse((seen[0] as { person: unknown }).person).success).toBe(true);
    expect(model.requests).toHaveLength(2);
    const stream = streamOf(lane, { layers: [fake({ seed: 7 })] })();
    await collect(stream);
    expect(stream.content).toMatch(/^[A-Z][a-z ]+\./);
  });
});

describe("made-up values", () => {
  const ajv = new Ajv2020({ strict: false, formats: {} });

  test.each<[string, JsonSchema]>([
    ["bounds", { type: "integer", minimum: 3, maximum: 3 }],
    ["exclusive bounds", { type: "integer", exclusiveMinimum: 3, exclusiveMaximum: 5 }],
    ["a narrow number", { type: "number", exclusiveMinimum: 0, maximum: 0.001 }],
    ["multiples", { type: "number", multipleOf: 0.25, minimum: 1 }],
    ["negative numbers", { type: "integer", maximum: -5 }],
    ["a const", { const: { a: 1 } }],
    ["types", { type: ["string", "null"] }],
    ["lengths", { type: "string", minLength: 40, maxLength: 42 }],
    ["one letter", { type: "string", maxLength: 1 }],
    ["a pattern", { type: "string", pattern: "^[A-Z]{2}-\\d{4}(?:/[a-c]+)?$" }],
    ["alternatives", { type: "string", pattern: "^(?:foo|ba[rz])\\.(?<x>\\w{2,3})$" }],
    ["an open pattern with bounds", { type: "string", pattern: "^[^a-z]+$", minLength: 9 }],
    ["unique items", { type: "array", items: { enum: ["a", "b", "c"] }, minItems: 3, uniqueItems: true }],
    ["a tuple", { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false, minItems: 2 }],
    ["a record", { type: "object", additionalProperties: { type: "integer" }, minProperties: 2 }],
    [
      "keys of a form",
      { type: "object", propertyNames: { pattern: "^k\\d$" }, additionalProperties: true, minProperties: 1 },
    ],
    [
      "an intersection",
      {
        allOf: [
          { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
          { properties: { b: { type: "integer" } }, required: ["b"] },
        ],
      },
    ],
    ["a union", { oneOf: [{ type: "string" }, { type: "object", properties: { x: { const: 1 } }, required: ["x"] }] }],
    [
      "a tree",
      {
        $ref: "#/$defs/node",
        $defs: {
          node: {
            type: "object",
            properties: {
              value: { type: "string" },
              next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] },
              children: { type: "array", items: { $ref: "#/$defs/node" } },
            },
            required: ["value", "next", "children"],
            additionalProperties: false,
          },
        },
      },
    ],
    [
      "a name that is dangerous",
      { type: "object", properties: { constructor: { type: "string" } }, required: ["constructor", "toString"] },
    ],
  ])("of %s fit the schema, by another validator", (_, schema) => {
    const check = ajv.compile(schema);
    for (let seed = 0; seed < 40; seed++) {
      const value = madeUp(schema, new Random(String(seed)));
      expect([check(value), check.errors, JSON.stringify(value)]).toEqual([true, null, expect.any(String)]);
      expect(madeUp(schema, new Random(String(seed)))).toEqual(value);
    }
  });

  test("fit zod's formats and valibot's schemas", async () => {
    const formats = z.object({
      uuid: z.uuid(),
      at: z.iso.datetime(),
      day: z.iso.date(),
      url: z.url(),
      ip: z.ipv4(),
      even: z.int().refine((value) => value % 2 === 0),
    });
    const call = openai.call("gpt-4o-mini", { responseModel: formats, layers: [fake()] }, () => "x");
    expect(formats.safeParse(await call()).success).toBe(true);
    const Short = v.object({ code: v.pipe(v.string(), v.regex(/^[a-f]{4}$/)) });
    const short = await openai.call("gpt-4o-mini", { responseModel: Short, layers: [fake()] }, () => "x")();
    expect(short.code).toMatch(/^[a-f]{4}$/);
  });

  test("change with the seed and with the request, and not with what is beside them", async () => {
    const say = openai.call("gpt-4o-mini", (text: string) => text);
    const with_ = async (seed: number, text: string) => (await say.with({ layers: [fake({ seed })] })(text)).content;
    expect(await with_(1, "a")).toBe(await with_(1, "a"));
    expect(await with_(1, "a")).not.toBe(await with_(2, "a"));
    expect(await with_(1, "a")).not.toBe(await with_(1, "b"));
    const usage = fake([answer({ usage: { inputTokens: 3 } })]);
    const response = await say.with({ layers: [usage] })("x");
    expect([response.inputTokens, response.content]).toEqual([3, expect.stringMatching(/\./)]);
  });

  test("that cannot be made are refused with what was tried", async () => {
    const Never = z.string().refine(() => false, "never right");
    const call = openai.call("gpt-4o-mini", { responseModel: z.object({ a: Never }), layers: [fake()] }, () => "x");
    const error = await thrownBy(() => call());
    expect(error).toMatchObject({ code: "config", message: expect.stringContaining("none fits (a: never right)") });
    expect(() => fake({ sed: 1 } as never)).toThrow('no option "sed"');
  });
});
