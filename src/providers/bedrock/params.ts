import type { SystemContentBlock, Tool, ToolConfiguration } from "@aws-sdk/client-bedrock-runtime";
import { forcedTool } from "../../contract/forced-tool.ts";
import { withInstruction } from "../../contract/instruction.ts";
import type {
  CallRequest,
  CommonParams,
  NativeRequest,
  OutputDefinition,
  ToolDefinition,
} from "../../contract/provider.ts";
import { checkKeys, type Keys, type KeysOf } from "../../contract/sdk-keys.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import { toConversation } from "./messages.ts";
import type { BedrockTypes } from "./types.ts";

type Params = BedrockTypes["Params"];
type KeysIn<Member extends keyof Params> = KeysOf<NonNullable<Params[Member]>>;

// What the SDK sends.
const members: Keys = {
  system: true,
  inferenceConfig: {
    maxTokens: true,
    temperature: true,
    topP: true,
    stopSequences: true,
  } satisfies KeysIn<"inferenceConfig">,
  toolConfig: { tools: true, toolChoice: true } satisfies KeysIn<"toolConfig">,
  guardrailConfig: {
    guardrailIdentifier: true,
    guardrailVersion: true,
    trace: true,
    streamProcessingMode: true,
  } satisfies KeysIn<"guardrailConfig">,
  additionalModelRequestFields: true,
  promptVariables: true,
  additionalModelResponseFieldPaths: true,
  requestMetadata: true,
  performanceConfig: { latency: true } satisfies KeysIn<"performanceConfig">,
  serviceTier: { type: true } satisfies KeysIn<"serviceTier">,
  outputConfig: { textFormat: true, effort: true } satisfies KeysIn<"outputConfig">,
} satisfies KeysOf<Params>;

const hatch = "Parameters of the model itself go into `additionalModelRequestFields`.";

/** The whole request. Throws `ConfigError` and `UnsupportedError` for what the SDK would drop and the API lacks. */
export function toRequest(neutral: CallRequest<BedrockTypes>): NativeRequest<BedrockTypes> {
  const { model, callParams, common, output } = neutral;
  checkKeys("bedrock", callParams, members, hatch);
  if (!neutral.stream) checkUnstreamed(callParams);
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
  return { request, messages };
}

// A guardrail's other keys are those of both requests.
function checkUnstreamed({ guardrailConfig }: Partial<Params>): void {
  if (!Object.hasOwn(guardrailConfig ?? {}, "streamProcessingMode")) return;
  const path = "guardrailConfig.streamProcessingMode";
  throw new ConfigError(`bedrock: its SDK would drop "${path}" outside a stream without a word. ${hatch}`);
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

function toToolConfig(neutral: CallRequest<BedrockTypes>): { toolConfig?: ToolConfiguration } {
  const own = neutral.callParams.toolConfig;
  const choiceName = "toolConfig.toolChoice";
  const forced = forcedTool("bedrock", neutral, { tools: own?.tools, choice: own?.toolChoice, choiceName });
  const offered = [...neutral.tools.flatMap(toTools), ...(forced ? [toTool(forced.tool)] : [])];
  if (offered.length === 0) return {};
  const all = [...offered, ...(own?.tools ?? [])];
  if (forced === undefined) return { toolConfig: { ...own, tools: all } };
  const toolChoice = forced.isAlone ? { tool: { name: forced.tool.name } } : { any: {} };
  return { toolConfig: { ...own, tools: all, toolChoice } };
}

function toTools(tool: ToolDefinition): Tool[] {
  const { cache } = tool;
  // The mark is an entry of its own: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
  return [toTool(tool), ...(cache ? [{ cachePoint: { type: "default" as const, ...cache } }] : [])];
}

function toTool({ name, description, schema, strict }: ToolDefinition): Tool {
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
