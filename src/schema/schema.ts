import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { ConfigError } from "../errors/errors.ts";
import { freezeObjects } from "../json/freeze-objects.ts";
import { type Converter, converterOf, loadConverter, noConverter, vendorOf } from "./converter.ts";
import { numberDefinitions, resolveRoot } from "./definitions.ts";
import { isSchema } from "./is-schema.ts";
import type { JsonSchema } from "./json-schema.ts";
import { checkJsonSchema } from "./json-schema-validate.ts";

export type { StandardJSONSchemaV1, StandardSchemaV1 };

/** What a schema's validator gives: the type after transformations and defaults. */
export type Infer<S extends StandardSchemaV1> = StandardSchemaV1.InferOutput<S>;

/** What a schema's validator takes: the type a model has to write. */
export type InferInput<S extends StandardSchemaV1> = StandardSchemaV1.InferInput<S>;

/** A plain JSON Schema in the clothes of a Standard Schema, as `jsonSchema` makes it. */
export interface StandardJsonSchema<T> {
  readonly "~standard": StandardSchemaV1.Props<unknown, T> & StandardJSONSchemaV1.Props<unknown, T>;
}

/** A validator's verdict. `cause` is there when the validator itself threw: then it is what was thrown. */
export type Validation<T> =
  | StandardSchemaV1.SuccessResult<T>
  | (StandardSchemaV1.FailureResult & { readonly cause?: unknown });

const converted = new WeakMap<StandardSchemaV1, JsonSchema>();

/**
 * The JSON Schema (draft 2020-12) of what a model has to write to satisfy `schema`: its input side, before transforms.
 * Converted once for each schema object and frozen. A root that is only a `$ref` is resolved; `$schema` is left out.
 *
 * Throws `ConfigError` when the library has no Standard JSON Schema (https://standardschema.dev/json-schema) or cannot
 * express the schema; its own error is the cause. What is converted by a module of its own needs `prepareSchema` before.
 */
export function toJsonSchema(schema: StandardSchemaV1): JsonSchema {
  const known = converted.get(schema);
  if (known !== undefined) return known;
  const converter = converterOf(schema);
  if (converter === undefined) throw new ConfigError(noConverter(schema));
  return convert(schema, converter);
}

/**
 * `toJsonSchema` for every library, those included that convert in a module of their own, which is loaded on first need:
 * valibot's bare schemas (the optional package `@valibot/to-json-schema`), zod before 4.2 and zod/mini. Afterwards
 * `toJsonSchema` answers for the same schema object. Rejects with `MissingPackageError` when that package is not
 * installed, else as `toJsonSchema` throws.
 */
export async function prepareSchema(schema: StandardSchemaV1): Promise<JsonSchema> {
  if (converted.has(schema) || converterOf(schema) !== undefined) return toJsonSchema(schema);
  const converter = await loadConverter(schema);
  return converter === undefined ? toJsonSchema(schema) : convert(schema, converter);
}

/** The JSON Schema that `toJsonSchema` or `prepareSchema` made of this schema before; `undefined` when none has been made. */
export function convertedSchema(schema: StandardSchemaV1): JsonSchema | undefined {
  return converted.get(schema);
}

/**
 * A plain JSON Schema as a schema for `responseModel` or a tool. `T` is what you say it describes. Without `validate`
 * its structure is checked (types, required and extra properties, items, enums, bounds, unions, references), not
 * `pattern` and `format`; with `validate`, that function alone decides.
 */
export function jsonSchema<T = unknown>(
  schema: JsonSchema,
  options: { validate?: StandardSchemaV1.Props<unknown, T>["validate"] } = {},
): StandardJsonSchema<T> {
  const own = plain(schema);
  const checkStructure = (value: unknown): StandardSchemaV1.Result<T> => {
    const issues = checkJsonSchema(own, value);
    return issues.length > 0 ? { issues } : { value: value as T };
  };
  const give = () => ({ ...own });
  return {
    "~standard": {
      version: 1,
      vendor: "callscope",
      validate: options.validate ?? checkStructure,
      jsonSchema: { input: give, output: give },
    },
  };
}

/** Runs a schema's validator. Sync stays sync. Never throws: what the validator throws becomes an issue with its cause. */
export function validate<S extends StandardSchemaV1>(
  schema: S,
  value: unknown,
): Validation<Infer<S>> | Promise<Validation<Infer<S>>> {
  const failed = (cause: unknown): Validation<never> => ({
    issues: [{ message: `The ${vendorOf(schema)} validator threw: ${messageOf(cause)}` }],
    cause,
  });
  try {
    // Standard Schema leaves the output type of `validate` to the type parameter of its interface, lost in `S`.
    const result = schema["~standard"].validate(value) as ReturnType<typeof validate<S>>;
    return "then" in result ? result.then(undefined, failed) : result;
  } catch (cause) {
    return failed(cause);
  }
}

/**
 * A name for the schema that every provider's API takes (`^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$`): its JSON Schema `title`, or
 * else its `id` or `$id`, with accents removed and other characters as `_`; or else `fallback`, made valid likewise.
 */
export function schemaName(schema: StandardSchemaV1 | JsonSchema, fallback: string): string {
  const { title, id, $id } = isSchema(schema) ? toJsonSchema(schema) : schema;
  for (const candidate of [title, id, $id, fallback]) {
    const name = typeof candidate === "string" ? validName(candidate) : "";
    if (name !== "") return name;
  }
  return "schema";
}

function convert(schema: StandardSchemaV1, convertInput: Converter): JsonSchema {
  const vendor = vendorOf(schema);
  try {
    const result = plain(convertInput(), vendor);
    converted.set(schema, result);
    return result;
  } catch (cause) {
    throw new ConfigError(
      `${vendor} cannot express this schema as JSON Schema: ${messageOf(cause)}. ` +
        "Use types that JSON has (a date as an ISO string, a bigint as a string) and transform them after.",
      { cause },
    );
  }
}

/** A copy that is JSON and nothing else, its objects frozen, so that it can be shared and sent as it is. */
function plain(schema: object, vendor?: string): JsonSchema {
  const { $schema: _, ...copy }: JsonSchema = JSON.parse(JSON.stringify(schema));
  return freezeObjects(resolveRoot(vendor === "arktype" ? numberDefinitions(copy) : copy));
}

/** The text as such a name; `""` where nothing of it can stand in one. */
export function validName(text: string): string {
  const ascii = text.normalize("NFKD").replace(/\p{M}/gu, "");
  const name = ascii.replace(/[^a-zA-Z0-9_-]+/g, "_").replace(/^_|_$/g, "");
  return (/^[0-9-]/.test(name) ? `_${name}` : name).slice(0, 64);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
