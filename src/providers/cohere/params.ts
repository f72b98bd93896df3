import type { Cohere } from "cohere-ai";
import { forcedTool } from "../../contract/forced-tool.ts";
import { withInstruction } from "../../contract/instruction.ts";
import type { CallRequest, CommonParams, NativeRequest, OutputDefinition } from "../../contract/provider.ts";
import { renamed } from "../../contract/renamed.ts";
import { type ToolDefinition, toolForms } from "../../contract/tool-definition.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import type { JsonSchema } from "../../schema/json-schema.ts";
import { toMessages } from "./messages.ts";
import { toHeldSchema } from "./schema.ts";
import type { CohereTypes } from "./types.ts";

/** The whole request. Throws `ConfigError` and `UnsupportedError` for what cannot be asked of this API. */
export function toRequest(neutral: CallRequest<CohereTypes>): NativeRequest<CohereTypes> {
  const { model, output, callParams, common } = neutral;
  const shape = output === undefined ? {} : toShape(output, neutral);
  const messages = toMessages(shape.prompted && output ? withInstruction(neutral.messages, output) : neutral.messages);
  const tools = shape.tool === undefined ? neutral.tools : [...neutral.tools, shape.tool];
  const request: Cohere.V2ChatRequest = {
    model,
    messages,
    ...(common && toCommonParams(common)),
    ...(tools.length > 0 && toStrictness(tools)),
    ...callParams,
    ...shape.params,
    ...(tools.length > 0 && { tools: [...tools.map(toTool), ...(callParams.tools ?? [])] }),
  };
  return {
    request,
    messages,
    ...(common && { changes: renamed(common, { topP: "p", stop: "stopSequences" }) }),
    answerLimit: request.maxTokens,
    nativeTools: "tools" in callParams,
  };
}

interface Shape {
  /** The tool whose arguments are the answer. */
  readonly tool?: ToolDefinition;
  /** True where the answer's shape is asked for in words. */
  readonly prompted?: boolean;
  readonly params?: Partial<CohereTypes["Params"]>;
}

function toShape(output: OutputDefinition, neutral: CallRequest<CohereTypes>): Shape {
  const { mode, schema, strict } = output;
  const { tools, callParams } = neutral;
  const own = { tools: callParams.tools, choice: callParams.toolChoice, choiceName: "toolChoice" };
  const forced = forcedTool("cohere", neutral, own);
  // No tool can be named: alone it is the only one left. https://docs.cohere.com/reference/chat#request.body.tool_choice
  if (forced !== undefined) return { tool: forced.tool, params: { toolChoice: "REQUIRED" } };
  if (callParams.responseFormat !== undefined) {
    throw new ConfigError("cohere: `responseFormat` and `jsonMode` exclude each other: the one is made of the other.");
  }
  // JSON mode cannot be had together with tools or documents, https://docs.cohere.com/reference/chat#request.body.response_format.
  if (tools.length + (callParams.tools?.length ?? 0) + (callParams.documents?.length ?? 0) > 0)
    return { prompted: true };
  const held = mode === "schema" && strict && schema !== undefined ? heldOrNone(schema) : undefined;
  // Without a schema the words are needed: a model that is not told to write JSON may go on with blanks for ever.
  if (held === undefined) return { prompted: true, params: { responseFormat: { type: "json_object" } } };
  return { params: { responseFormat: { type: "json_object", jsonSchema: held } } };
}

// What the API cannot hold the model to is asked for in words.
function heldOrNone(schema: JsonSchema): JsonSchema | undefined {
  try {
    return toHeldSchema(schema, "the response model");
  } catch {
    return undefined;
  }
}

// One switch for all tools, https://docs.cohere.com/reference/chat#request.body.strict_tools; the caller's own wins.
function toStrictness(tools: readonly ToolDefinition[]): { strictTools?: true } {
  if (tools.every(({ strict }) => strict)) return { strictTools: true };
  const strict = tools.find((tool) => tool.strict);
  if (strict === undefined) return {};
  throw new UnsupportedError(
    "cohere",
    "strict",
    `cohere takes either all tools strict or none of them: "${strict.name}" is strict, "${tools.find((tool) => !tool.strict)?.name}" is not.`,
  );
}

const toTool = toolForms(({ name, description, schema, strict }: ToolDefinition): Cohere.ToolV2 => {
  const held = strict ? toHeldSchema(schema, `the strict tool "${name}"`) : schema;
  // A tool without parameters still needs the schema of an object.
  const parameters = { ...held, type: "object", properties: held.properties ?? {} };
  return { type: "function", function: { name, ...(description !== undefined && { description }), parameters } };
});

function toCommonParams(common: CommonParams): Partial<CohereTypes["Params"]> {
  const { temperature, maxTokens, topP, stop, seed, frequencyPenalty, presencePenalty } = common;
  return {
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(topP !== undefined && { p: topP }),
    ...(stop !== undefined && { stopSequences: typeof stop === "string" ? [stop] : [...stop] }),
    ...(seed !== undefined && { seed }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(presencePenalty !== undefined && { presencePenalty }),
  };
}
