import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { $ZodType } from "zod/v4/core";
import { MissingPackageError } from "../errors/errors.ts";

/** Gives the JSON Schema (draft 2020-12) of what a schema takes, as its library writes it. Throws the library's errors. */
export type Converter = () => object;

/** The library that made the schema. */
export function vendorOf(schema: StandardSchemaV1): string {
  return schema["~standard"].vendor;
}

/** What the schema has itself: Standard JSON Schema, else a method of its library. `undefined` where it has neither. */
export function converterOf(schema: StandardSchemaV1): Converter | undefined {
  const standard: unknown = Reflect.get(schema["~standard"], "jsonSchema");
  if (typeof standard === "object" && standard !== null && "input" in standard) {
    const { input } = standard as StandardJSONSchemaV1.Converter;
    return () => input({ target, libraryOptions: { fallback, ...valibotOptions } });
  }
  for (const name of ["toJSONSchema", "toJsonSchema"]) {
    const method: unknown = Reflect.get(schema, name);
    if (typeof method === "function") return () => Reflect.apply(method, schema, [{ target, io: "input", fallback }]);
  }
  return undefined;
}

/**
 * What the schema's library has for it in a module of its own, loaded on first need: valibot's converter, the `toJSONSchema`
 * of zod before 4.2 and of zod/mini. `undefined` where there is none. Rejects with `MissingPackageError`.
 */
export async function loadConverter(schema: StandardSchemaV1): Promise<Converter | undefined> {
  if (vendorOf(schema) === "valibot") {
    const { toStandardJsonSchema } = await loadValibot();
    // The vendor was checked just above: only valibot's own schemas come here.
    return converterOf(toStandardJsonSchema(schema as Parameters<typeof toStandardJsonSchema>[0]));
  }
  if (vendorOf(schema) !== "zod" || !("_zod" in schema)) return undefined;
  const { toJSONSchema } = await loadZod();
  // `_zod` is what zod 4's function reads, whichever of its faces and copies made the schema; its type says more.
  return () => toJSONSchema(schema as StandardSchemaV1 as unknown as $ZodType, { target, io: "input" });
}

/** What to do about a schema that nothing converts. */
export function noConverter(schema: StandardSchemaV1): string {
  const vendor = vendorOf(schema);
  if (vendor === "valibot") {
    return "A valibot schema is converted by the package @valibot/to-json-schema: wrap it in its toStandardJsonSchema().";
  }
  const update =
    vendor === "zod" ? 'update zod to 4.2 or newer (from 3.25 on it is there as "zod/v4")' : `update ${vendor}`;
  return `This ${vendor} schema has no Standard JSON Schema: ${update}, or describe the data yourself with jsonSchema(schema, { validate }).`;
}

const target = "draft-2020-12";

const refuse = (context: { readonly code?: unknown }): never => {
  throw new Error(`a part of kind "${String(context.code)}" has no JSON Schema`);
};
// Without these, arktype silently describes a Date or a bigint as "anything". Others ignore the option.
const fallback = { date: refuse, domain: refuse, proto: refuse, unit: refuse, symbolKey: refuse };

interface Action {
  readonly jsonSchema: { readonly pattern?: unknown };
  readonly valibotAction: { readonly requirement?: unknown };
  readonly errors: unknown;
}

// valibot's converter refuses what JSON Schema cannot say of a value that it can describe: checks, trimming, brands, a
// second expression. The validator sees to those. What it cannot describe at all (a date) it refuses still.
const valibotOptions = {
  overrideAction({ jsonSchema, valibotAction: { requirement }, errors }: Action) {
    if (errors === undefined) return undefined;
    const { pattern, ...rest } = jsonSchema;
    // Without its flags an expression says something else.
    const isOwn = requirement instanceof RegExp && requirement.flags !== "" && requirement.source === pattern;
    return isOwn ? rest : jsonSchema;
  },
  // The keys of a record may be any that JSON has: they are described beside it.
  overrideSchema({ valibotSchema, jsonSchema }: { valibotSchema: { readonly type: string }; jsonSchema: object }) {
    return valibotSchema.type === "record" ? jsonSchema : undefined;
  },
};

async function loadValibot() {
  try {
    return await import("@valibot/to-json-schema");
  } catch (cause) {
    throw new MissingPackageError("@valibot/to-json-schema", "A valibot schema", { cause });
  }
}

async function loadZod() {
  try {
    return await import("zod/v4/core");
  } catch (cause) {
    throw new MissingPackageError("zod", "A schema of zod before 4.2", { cause });
  }
}
