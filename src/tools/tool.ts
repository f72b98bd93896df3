import type { Provider, ProviderTypes, RawToolCall, ToolCache, ToolDefinition } from "../contract/provider.ts";
import { ToolError, UnsupportedError } from "../errors/errors.ts";
import { listIssues } from "../errors/issue.ts";
import { unknownKey } from "../errors/known-keys.ts";
import type { CallResponse } from "../read/response.ts";
import {
  type Infer,
  isSchema,
  type JsonSchema,
  jsonSchema,
  prepareSchema,
  type StandardSchemaV1,
  type Validation,
  validate,
} from "../schema/schema.ts";
import { toStrictSchema } from "../schema/strict-schema.ts";

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
    throw invalidTool(String(name), `A tool's name has 1 to 64 letters, digits, "_" or "-"; ${given} is no such name.`);
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

/** One call of a tool by the model, tied to the tool it names. `P` is the provider, `T` the tools that were offered. */
export type ToolUse<P extends ProviderTypes, T extends Tool> =
  T extends Tool<infer Name, infer Args, infer Output> ? TypedToolUse<P, Name, Args, Output> : never;

/** A tool call with its name, arguments and result typed. */
export interface TypedToolUse<P extends ProviderTypes, Name extends string, Args, Output> {
  readonly name: Name;
  /** The id a result is matched by; `""` where the provider gives none. */
  readonly id: string;
  /** The SDK's own tool call. */
  readonly toolCall: P["ToolCall"];
  /** The arguments, validated on first access. Throws `ToolError` with the issues and the raw call. */
  readonly args: Args;
  /** Validates the arguments (also asynchronously) and runs the tool's function. */
  call(options?: { readonly signal?: AbortSignal }): Promise<Awaited<Output>>;
}

interface Converted {
  readonly definition: ToolDefinition;
  readonly restore: (args: unknown) => unknown;
}

// A tool's schema is converted once; the tool itself is the key, so nothing is kept beyond it.
const conversions = new WeakMap<Tool, Converted>();

/** The tools' definitions as providers take them; each schema is converted once. Throws on two tools of one name. */
export async function defineTools(
  tools: readonly Tool[],
  provider: Pick<Provider<ProviderTypes>, "name" | "cachesTools">,
): Promise<readonly ToolDefinition[]> {
  const names = new Set<string>();
  for (const { name, cache } of tools) {
    if (names.has(name))
      throw invalidTool(name, `Two tools are named "${name}": a call's tools need names of their own.`);
    if (cache && !provider.cachesTools) {
      const message = `${provider.name} has no prompt cache for tools: leave out \`cache\` of the tool "${name}".`;
      throw new UnsupportedError(provider.name, "tool cache", message);
    }
    names.add(name);
  }
  const definitions: ToolDefinition[] = [];
  for (const tool of tools) definitions.push((conversions.get(tool) ?? (await convertTool(tool))).definition);
  return definitions;
}

async function convertTool(tool: Tool): Promise<Converted> {
  const { name, description, parameters, strict, cache } = tool;
  const plain = await prepareSchema(parameters);
  if (plain.type !== "object")
    throw invalidTool(name, `The parameters of the tool "${name}" must be an object schema.`);
  const { schema, restore } = strict
    ? toStrictSchema(plain, { provider: `the strict tool "${name}"` })
    : { schema: plain, restore: (args: unknown) => args };
  const converted = {
    definition: { name, description: description ?? plain.description, schema, strict, ...(cache && { cache }) },
    restore,
  };
  conversions.set(tool, converted);
  return converted;
}

function invalidTool(toolName: string, message: string): ToolError {
  return new ToolError("invalid_tool", message, { toolName });
}

/** What a call to a tool is resolved against. */
export interface OfferedTools {
  readonly tools: readonly Tool[];
  readonly prepared: { readonly callParams: object };
}

/**
 * Ties a raw call to the tool it names; `undefined` for a call to a tool that the caller offered in the provider's own
 * form, through `callParams`. Throws `ToolError` when no tool of that name was offered.
 */
export function useTool<P extends ProviderTypes>(
  call: RawToolCall<P>,
  { tools, prepared }: OfferedTools,
  response: () => CallResponse<ProviderTypes> | undefined,
  cut = false,
): BoundToolUse<P> | undefined {
  const found = tools.find(({ name }) => name === call.name);
  if (found !== undefined) return new BoundToolUse(call, found, response, cut);
  if (Object.keys(prepared.callParams).some((key) => nativeTools.includes(key))) return undefined;
  const offered = tools.length === 0 ? "none was offered" : `offered: ${tools.map(({ name }) => name).join(", ")}`;
  throw new ToolError("unknown_tool", `The model called the tool "${call.name}", which does not exist; ${offered}.`, {
    toolName: call.name,
    toolCall: call.native,
    response: response(),
  });
}

// What the SDKs call their own declarations of tools.
const nativeTools: readonly string[] = ["tools", "toolConfig", "functions"];

/** The tool use at run time; `ToolUse` is its typed face. */
export class BoundToolUse<P extends ProviderTypes> implements TypedToolUse<P, string, unknown, unknown> {
  readonly name: string;
  readonly id: string;
  readonly toolCall: P["ToolCall"];
  readonly #raw: RawToolCall<P>;
  readonly #tool: Tool;
  readonly #response: () => CallResponse<ProviderTypes> | undefined;
  readonly #cut: boolean;
  #validation: Validation<unknown> | Promise<Validation<unknown>> | undefined;

  /** `cut`: the token limit was met in this call. Text shows that by itself, an object does not. */
  constructor(raw: RawToolCall<P>, tool: Tool, response: () => CallResponse<ProviderTypes> | undefined, cut = false) {
    this.#cut = cut;
    this.name = raw.name;
    this.id = raw.id;
    this.toolCall = raw.native;
    this.#raw = raw;
    this.#tool = tool;
    this.#response = response;
  }

  get args(): unknown {
    const validation = this.#validate();
    if (validation instanceof Promise) {
      throw this.#error([{ message: "its schema validates asynchronously: use `await call()`" }]);
    }
    return this.#unwrap(validation);
  }

  async call(options?: { readonly signal?: AbortSignal }): Promise<unknown> {
    return this.#tool.call(this.#unwrap(await this.#validate()), { ...options, toolCallId: this.id });
  }

  /** The call itself, without functions or schemas. */
  toJSON(): object {
    return { name: this.name, id: this.id, toolCall: this.toolCall };
  }

  /** @internal What `toolMessageParams` sends the result for. */
  get raw(): RawToolCall<P> {
    return this.#raw;
  }

  #validate(): Validation<unknown> | Promise<Validation<unknown>> {
    if (this.#validation === undefined) {
      const args = this.#parse();
      this.#validation = validate(this.#tool.parameters, conversions.get(this.#tool)?.restore(args) ?? args);
    }
    return this.#validation;
  }

  #parse(): unknown {
    const { input } = this.#raw;
    if (typeof input === "object") {
      if (this.#cut) throw this.#error([{ message: "the token limit cut them off" }]);
      return input;
    }
    if (input.trim() === "") return {};
    try {
      // `null` is what some models write for a tool without arguments.
      return JSON.parse(input) ?? {};
    } catch (cause) {
      throw this.#error([{ message: `they are not JSON: ${(cause as Error).message}` }], cause);
    }
  }

  #unwrap(validation: Validation<unknown>): unknown {
    if (validation.issues === undefined) return validation.value;
    throw this.#error(validation.issues, validation.cause);
  }

  #error(issues: ToolError["issues"], cause?: unknown): ToolError {
    return new ToolError(
      "invalid_arguments",
      `The arguments of the tool call "${this.name}" (id ${JSON.stringify(this.id)}) cannot be used: ${listIssues(issues)}`,
      { toolName: this.name, toolCall: this.toolCall, issues, response: this.#response() },
      cause === undefined ? {} : { cause },
    );
  }
}
