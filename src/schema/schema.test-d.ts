import { type } from "arktype";
import * as v from "valibot";
import * as z from "zod";
import type { JsonSchema } from "./json-schema.ts";
import { type Infer, type InferInput, jsonSchema, toJsonSchema, validate } from "./schema.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <T extends true>(_?: T): void => undefined;

const zod = z.object({ year: z.string().transform(Number), tags: z.array(z.string()).default([]) });
assert<Equal<Infer<typeof zod>, { year: number; tags: string[] }>>();
assert<Equal<InferInput<typeof zod>, { year: string; tags?: string[] | undefined }>>();

const valibot = v.object({ title: v.string() });
assert<Equal<Infer<typeof valibot>, { title: string }>>();

const ark = type({ title: "string" });
assert<Equal<Infer<typeof ark>, { title: string }>>();

const plain = jsonSchema<{ title: string }>({ type: "object", properties: { title: { type: "string" } } });
assert<Equal<Infer<typeof plain>, { title: string }>>();
assert<Equal<Infer<ReturnType<typeof jsonSchema>>, unknown>>();

const result = await validate(plain, {});
if (result.issues === undefined) assert<Equal<typeof result.value, { title: string }>>();
else assert<Equal<(typeof result.issues)[number]["message"], string>>();

// The SDKs' own parameter types take a JSON Schema as an open record.
toJsonSchema(zod) satisfies Record<string, unknown>;
({ type: "array", items: { $ref: "#/$defs/A" }, $defs: { A: true }, "x-own": 1 }) satisfies JsonSchema;
// @ts-expect-error a type is a name or a list of names
({ type: 1 }) satisfies JsonSchema;
