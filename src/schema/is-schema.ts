import type { StandardSchemaV1 } from "@standard-schema/spec";

/** True for a Standard Schema of any library (https://standardschema.dev); arktype's are functions, so those count. */
export function isSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return false;
  const standard: unknown = Reflect.get(value, "~standard");
  return typeof standard === "object" && standard !== null && typeof Reflect.get(standard, "validate") === "function";
}
