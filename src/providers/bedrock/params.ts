import type { SystemContentBlock, Tool, ToolConfiguration } from "@aws-sdk/client-bedrock-runtime";
import { withInstruction } from "../../contract/instruction.ts";
import {
  type CallRequest,
  type CommonParams,
  type NativeRequest,
  type OutputDefinition,
  renamed,
  type ToolDefinition,
} from "../../contract/provider.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import { toConversation } from "./messages.ts";
import type { BedrockTypes } from "./types.ts";

type Params = BedrockTypes["Params"];
type Keys<Value> = { readonly [Key in keyof Required<NonNullable<Value>>]: true };

// The SDK sends the members it knows and drops all others without a word. `true` is a member of any content; an
// SDK that gains a member makes this table a type error.
const members: { readonly [Key in keyof Required<Params>]: true | Keys<Params[Key]> } = {
  system: true,
  inferenceConfig: { maxTokens: true, temperature: true, topP: true, stopSequences: true },
  toolConfig: { tools: true, toolChoice: true },
  guardrailConfig: { guardrailIdentifier: true, guardrailVersion: true, trace: true, streamProcessingMode: true },
  additionalModelRequestFields: true,
  promptVariables: true,
  additionalModelResponseFieldPaths: true,
  requestMetadata: true,
  performanceConfig: { latency: true },
  serviceTier: { type: true },
  outputConfig: { textFormat: true, effort: true },
};

/** The whole request. Throws `ConfigError` and `UnsupportedError` for what the SDK would drop and the API lacks. */
export function toRequest(neutral: CallRequest<BedrockTypes>): NativeRequest<BedrockTypes> {
  const { model, callParams, common, output } = neutral;
  checkMembers(callParams, neutral.stream);
  const prompted = output !== undefined && output.mode !== "tool" && !isNative(output);
  const asked = prompted ? withInstruction(neutral.messages, output) : neutral.messages;
  const { system, messages } = toConversation(asked);
  const request = {
    modelId: model,
    messages,
    ...callParams,
    ...(system.length > 0 && { system: toSystem(callParams.system, system) }),
    ...(common !== undefined && toInferenceConfig(common, callParams.inferenceConfig)),
    ...toToolConfig(neutral),
    ...(output !== undefined && isNative(output) && { outputConfig: toOutputConfig(callParams.outputConfig, output) }),
  };
  const inference = renamed(common, {
    maxTokens: "inferenceConfig.maxTokens",
    temperature: "inferenceConfig.temperature",
    topP: "inferenceConfig.topP",
    stop: "inferenceConfig.stopSequences",
  });
  return {
    request,
    messages,
    ...(common && { changes: inference }),
    answerLimit: request.inferenceConfig?.maxTokens,
    nativeTools: callParams.toolConfig !== undefined,
  };
}

function checkMembers(params: Partial<Params>, stream: boolean): void {
  for (const [key, value] of Object.entries(params)) {
    const known = Object.hasOwn(members, key) ? members[key as keyof Params] : undefined;
    if (known === undefined) throw dropped(key);
    if (known === true || typeof value !== "object" || value === null) continue;
    for (const inner of Object.keys(value)) {
      if (!Object.hasOwn(known, inner)) throw dropped(`${key}.${inner}`);
      if (inner === "streamProcessingMode" && !stream) throw dropped(`${key}.${inner}`, "outside a stream");
    }
  }
}

function dropped(path: string, where = "it does not know"): ConfigError {
  return new ConfigError(
    `bedrock cannot be sent "${path}": the AWS SDK drops request fields ${where}. Parameters of the model itself go into \`additionalModelRequestFields\`.`,
  );
}

function toSystem(own: Params["system"], system: SystemContentBlock[]): SystemContentBlock[] {
  return own === undefined ? system : [...own, ...system];
}

function toInferenceConfig(
  common: CommonParams,
  own: Params["inferenceConfig"],
): Pick<Partial<Params>, "inferenceConfig"> {
  const inferenceConfig = { ...toInference(common), ...own };
  return Object.keys(inferenceConfig).length > 0 ? { inferenceConfig } : {};
}

function toInference(common: CommonParams): NonNullable<Params["inferenceConfig"]> {
  for (const name of ["seed", "frequencyPenalty", "presencePenalty"] as const) {
    if (common[name] === undefined) continue;
    const advice = "a model that has one takes it in `additionalModelRequestFields`";
    throw new UnsupportedError("bedrock", name, `bedrock has no parameter ${name}; ${advice}.`);
  }
  const { temperature, maxTokens, topP, stop } = common;
  return {
    ...(maxTokens !== undefined && { maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(stop !== undefined && { stopSequences: typeof stop === "string" ? [stop] : [...stop] }),
  };
}

function toToolConfig({ tools, output, callParams }: CallRequest<BedrockTypes>): { toolConfig?: ToolConfiguration } {
  const own = callParams.toolConfig;
  const extraction = output?.mode === "tool" && output.schema !== undefined ? [toTool(output, output.schema)] : [];
  const offered = [...tools.flatMap(toTools), ...extraction];
  if (offered.length === 0) return {};
  const all = [...offered, ...(own?.tools ?? [])];
  if (output?.mode !== "tool") return { toolConfig: { ...own, tools: all } };
  if (own?.toolChoice !== undefined) {
    throw new ConfigError(
      "bedrock: `toolConfig.toolChoice` and `responseModel` exclude each other: the answer is a forced tool call.",
    );
  }
  // With other tools beside it the model must call one of them; alone it is named.
  const toolChoice = all.length > 1 ? { any: {} } : { tool: { name: output.name } };
  return { toolConfig: { ...own, tools: all, toolChoice } };
}

function toTools(tool: ToolDefinition): Tool[] {
  const { cache, schema } = tool;
  // The mark is an entry of its own: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
  return [toTool(tool, schema), ...(cache ? [{ cachePoint: { type: "default" as const, ...cache } }] : [])];
}

function toTool(tool: ToolDefinition | OutputDefinition, schema: ToolDefinition["schema"]): Tool {
  const { name, description, strict } = tool;
  return {
    toolSpec: {
      name,
      // An empty description is refused.
      ...(description && { description }),
      // A JSON Schema is plain data, which is what the SDK calls a document; its type says so of mutable data only.
      inputSchema: { json: schema as NonNullable<Tool.ToolSpecMember["toolSpec"]["inputSchema"]>["json"] & object },
      ...(strict && { strict }),
    },
  };
}

// Only schemas in the strict form are taken, https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html;
// any other is asked for in words.
function isNative(output: OutputDefinition): boolean {
  return output.mode === "schema" && output.strict && output.schema !== undefined;
}

function toOutputConfig(own: Params["outputConfig"], output: OutputDefinition): NonNullable<Params["outputConfig"]> {
  if (own?.textFormat !== undefined) {
    throw new ConfigError("bedrock: `outputConfig.textFormat` and `responseModel` exclude each other.");
  }
  const { name, description, schema } = output;
  const jsonSchema = { name, ...(description && { description }), schema: JSON.stringify(schema) };
  return { ...own, textFormat: { type: "json_schema", structure: { jsonSchema } } };
}
