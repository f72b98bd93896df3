import type { LanguageModelV4CallOptions, LanguageModelV4FunctionTool, SharedV4Warning } from "@ai-sdk/provider";
import type { OutputDefinition } from "../contract/provider.ts";
import type { OutputOption } from "../prepare/output-plan.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { toStrictSchema } from "../schema/strict-schema.ts";
import { withProperties } from "../schema/wrap.ts";
import { type Tool, tool } from "../tools/tool.ts";

type Options = Pick<LanguageModelV4CallOptions, "tools" | "toolChoice" | "responseFormat">;

/** What a call is asked for: the tools it offers, and the form of its answer. */
export interface Asked {
  readonly tools: readonly Tool[];
  readonly output: OutputOption | undefined;
}

/**
 * The AI SDK's tools and what is said of them as a call of ours has it. A tool that must be called is forced as one that
 * carries an answer is, which every provider of ours can. Throws `ToolError` for a name that not every provider takes.
 */
export function toAsked(options: Options, warn: (warning: SharedV4Warning) => void): Asked {
  const { tools: given = [], toolChoice: choice, responseFormat: format } = options;
  const tools = given.flatMap((one) => {
    if (one.type === "function") return [one];
    warn({ type: "unsupported", feature: `provider-defined tool ${one.id}` });
    return [];
  });
  const output = format?.type === "json" ? toFormat(format) : undefined;
  if (choice?.type === "none" || tools.length === 0) return { tools: [], output };
  if (choice?.type !== "tool" && choice?.type !== "required") return { tools: tools.map(toTool), output };
  if (output !== undefined) warn({ type: "unsupported", feature: "responseFormat", details: "a tool must be called" });
  const forced = choice.type === "tool" ? tools.find(({ name }) => name === choice.toolName) : tools[0];
  if (forced === undefined) return { tools: tools.map(toTool), output };
  // Beside others the model must call one of them, whichever it is; alone, this one.
  const others = choice.type === "tool" ? [] : tools.filter((one) => one !== forced);
  return { tools: others.map(toTool), output: planned(toForced(forced)) };
}

function toTool({ name, description, inputSchema, strict }: LanguageModelV4FunctionTool): Tool {
  return tool({
    name,
    ...(description !== undefined && { description }),
    parameters: schemaOf(inputSchema),
    // Whoever runs the tools is the AI SDK: strict is what fits the strict subset as it is.
    strict: strict === true && isStrict(schemaOf(inputSchema)),
    call: () => undefined,
  });
}

function toForced({ name, description, inputSchema, strict }: LanguageModelV4FunctionTool): OutputDefinition {
  const schema = withProperties(schemaOf(inputSchema));
  return { mode: "tool", name, description, schema, strict: strict === true && isStrict(schema) };
}

function toFormat(format: Extract<Options["responseFormat"], { type: "json" }>): OutputOption {
  const { schema, name = "answer", description } = format;
  if (schema === undefined) return { mode: "json", schema: undefined };
  const plain = schemaOf(schema);
  return planned({ mode: "schema", name, description, schema: plain, strict: isStrict(plain) });
}

/** A form of the answer that nobody here reads the answer by. */
function planned(definition: OutputDefinition): OutputOption {
  const plan = { definition, schema: undefined, restore: (value: unknown) => value, wrapper: undefined };
  return { mode: definition.mode, schema: undefined, plan };
}

/** True for a schema that OpenAI's strict mode takes as it is: another would be answered in another form than was asked. */
function isStrict(schema: JsonSchema): boolean {
  try {
    return JSON.stringify(toStrictSchema(schema).schema) === JSON.stringify(schema);
  } catch {
    return false;
  }
}

// Keywords for readers of schemas say nothing to a model, and some services refuse them.
function schemaOf(given: LanguageModelV4FunctionTool["inputSchema"]): JsonSchema {
  const { $schema: _, ...schema } = given;
  // The types of two packages for one thing.
  return schema as unknown as JsonSchema;
}
