import type { ToolCache } from "../contract/provider.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { isSchema } from "../schema/is-schema.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { type Infer, jsonSchema, type StandardSchemaV1 } from "../schema/schema.ts";
import { ToolError } from "./tool-error.ts";

/** A function the model may call: its name, what it is for, the shape of its arguments, and the function itself. */
export interface Tool<Name extends string = string, Args = unknown, Output = unknown> {
  readonly name: Name;
  readonly description: string | undefined;
  readonly parameters: StandardSchemaV1<unknown, Args>;
  readonly strict: boolean;
  readonly cache?: ToolCache | undefined;
  /** Runs the function; the arguments are those the schema's validator gave. */
  call(args: Args, context: ToolContext): Output;
}

/** What a tool's function is told beside its arguments. */
export interface ToolContext {
  /** Aborted when the run that executes the tool is. */
  readonly signal?: AbortSignal;
  /** The id of the tool call; `""` where the provider gives none. */
  readonly toolCallId: string;
}

/** What `tool` takes. */
export interface ToolOptions<Name extends string, Parameters extends StandardSchemaV1 | JsonSchema, Output> {
  /** What the model calls it by: letters, digits, `_` and `-`, 64 at most. */
  readonly name: Name;
  readonly description?: string;
  /** Any Standard Schema, or a plain JSON Schema object; left out for a tool without arguments. */
  readonly parameters?: Parameters;
  /** Asks the provider to hold the model to the schema, where it can; optional fields are handled. `false` by default. */
  readonly strict?: boolean;
  /**
   * Marks the end of a stretch of tools that the provider is to cache: `true`, or for how long. A provider without such a
   * mark refuses it by name.
   */
  readonly cache?: true | ToolCache;
  readonly call: (args: ToolArgs<Parameters>, context: ToolContext) => Output;
}

/** The arguments a tool's function is given. */
export type ToolArgs<Parameters extends StandardSchemaV1 | JsonSchema> = Parameters extends StandardSchemaV1
  ? Infer<Parameters>
  : Record<string, unknown>;

const optionKeys: readonly string[] = [
  "name",
  "description",
  "parameters",
  "strict",
  "cache",
  "call",
] satisfies (keyof ToolOptions<string, JsonSchema, unknown>)[];
const validName = /^[a-zA-Z0-9_-]{1,64}$/;
const noParameters: JsonSchema = { type: "object", properties: {}, additionalProperties: false };

/** Defines a tool. Throws `ToolError` when the name is not one that every provider takes. */
export function tool<
  const Name extends string,
  Output,
  Parameters extends StandardSchemaV1 | JsonSchema = Record<never, never>,
>(options: ToolOptions<Name, Parameters, Output>): Tool<Name, ToolArgs<Parameters>, Output> {
  const unknown = unknownKey("A tool has no option", options, optionKeys);
  if (unknown !== undefined) throw invalidTool(String(options.name), unknown);
  const { name, description, parameters = noParameters, strict = false, cache, call } = options;
  if (typeof name !== "string" || !validName.test(name)) {
    const given = JSON.stringify(name);
    throw invalidTool(
      String(name),
      `A tool's name has 1 to 64 letters, digits, "_" or "-"; ${given} is not a valid name.`,
    );
  }
  if (typeof call !== "function") throw invalidTool(name, `The tool "${name}" has no function: give it as \`call\`.`);
  const schema = isSchema(parameters) ? parameters : jsonSchema(parameters as JsonSchema);
  // The schema's output type is what `ToolArgs` says; a plain JSON Schema promises a record.
  return {
    name,
    description,
    strict,
    ...(cache && { cache: cache === true ? {} : cache }),
    call,
    parameters: schema as StandardSchemaV1<unknown, ToolArgs<Parameters>>,
  };
}

export function invalidTool(toolName: string, message: string): ToolError {
  return new ToolError("invalid_tool", message, { toolName });
}
