import type {
  ContentBlock,
  Message,
  SystemContentBlock,
  Tool,
  ToolConfiguration,
} from "@aws-sdk/client-bedrock-runtime";
import type { Note } from "../../contract/changes.ts";
import { forcedTool } from "../../contract/forced-tool.ts";
import { toolInstruction, withInstruction, withSystem } from "../../contract/instruction.ts";
import type { CallRequest, CommonParams, NativeRequest, OutputDefinition } from "../../contract/provider.ts";
import { renamed } from "../../contract/renamed.ts";
import { checkKeys, type Keys, type KeysOf } from "../../contract/sdk-keys.ts";
import { type ToolDefinition, toolForms } from "../../contract/tool-definition.ts";
import { toHeldSchema } from "../../dialects/held-schema.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import type { JsonSchema } from "../../schema/json-schema.ts";
import { toConversation } from "./messages.ts";
import { isClientCall } from "./read.ts";
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
  const held = output && toHeld(output);
  const { system, messages } = toConversation(inWords(neutral, held), neutral.note);
  const request = {
    modelId: model,
    messages,
    ...callParams,
    ...(system.length > 0 && { system: toSystem(callParams.system, system) }),
    ...(common !== undefined && toInferenceConfig(common, callParams.inferenceConfig)),
    ...toToolConfig(neutral, messages),
    ...(output && held && { outputConfig: toOutputConfig(callParams.outputConfig, output, held) }),
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

// A guardrail's other keys are those of both requests.
function checkUnstreamed({ guardrailConfig }: Partial<Params>): void {
  if (!Object.hasOwn(guardrailConfig ?? {}, "streamProcessingMode")) return;
  const path = "guardrailConfig.streamProcessingMode";
  throw new ConfigError(`bedrock: its SDK would drop "${path}" outside a stream without a word. ${hatch}`);
}

/** The messages with what no field of the request can say. */
function inWords(
  { messages, output, tools, callParams }: CallRequest<BedrockTypes>,
  held: JsonSchema | undefined,
): CallRequest<BedrockTypes>["messages"] {
  if (output === undefined || held !== undefined) return messages;
  if (output.mode !== "tool") return withInstruction(messages, output);
  if (!thinks(callParams)) return messages;
  return withSystem(
    messages,
    toolInstruction(output.name, tools.length + (callParams.toolConfig?.tools?.length ?? 0) === 0),
  );
}

/**
 * True where the model is told to think: Claude takes no forced tool then ("Thinking may not be enabled when tool_choice
 * forces tool use"), https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html.
 */
function thinks({ additionalModelRequestFields: fields }: Partial<Params>): boolean {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return false;
  return ["thinking", "reasoning_config", "reasoningConfig"].some((name) => {
    const told = (fields as Record<string, unknown>)[name] as { readonly type?: unknown } | null | undefined;
    return told != null && told.type !== "disabled";
  });
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

function toToolConfig(
  neutral: CallRequest<BedrockTypes>,
  messages: readonly Message[],
): { toolConfig?: ToolConfiguration } {
  const own = neutral.callParams.toolConfig;
  const choiceName = "toolConfig.toolChoice";
  const forced = forcedTool("bedrock", neutral, { tools: own?.tools, choice: own?.toolChoice, choiceName });
  const offered = [...neutral.tools.flatMap(toTools), ...(forced ? [toTool(forced.tool)] : [])];
  if (offered.length === 0) return own === undefined ? toPastTools(messages, neutral.note) : {};
  const all = [...offered, ...(own?.tools ?? [])];
  if (forced === undefined) return { toolConfig: { ...own, tools: all } };
  if (thinks(neutral.callParams)) return { toolConfig: { ...own, tools: all, toolChoice: { auto: {} } } };
  const toolChoice = forced.isAlone ? { tool: { name: forced.tool.name } } : { any: {} };
  return { toolConfig: { ...own, tools: all, toolChoice } };
}

// "The toolConfig field must be defined when using toolUse and toolResult content blocks": a conversation that called
// tools names them also where it may call none any more.
function toPastTools(messages: readonly Message[], note: Note | undefined): { toolConfig?: ToolConfiguration } {
  const called = messages.flatMap(({ content }) => content?.flatMap(calledIn) ?? []);
  const names = [...new Set(called)];
  if (names.length === 0) return {};
  for (const _ of names) note?.("Tools that were called before are declared, as the API wants it");
  return {
    toolConfig: { tools: names.map((name) => ({ toolSpec: { name, inputSchema: { json: { type: "object" } } } })) },
  };
}

// Not a tool that the service ran itself.
function calledIn({ toolUse }: ContentBlock): string[] {
  return toolUse?.name !== undefined && isClientCall(toolUse.type) ? [toolUse.name] : [];
}

function toTools(tool: ToolDefinition): Tool[] {
  const { cache } = tool;
  // The mark is an entry of its own: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
  return [toTool(tool), ...(cache ? [{ cachePoint: { type: "default" as const, ...cache } }] : [])];
}

const toTool = toolForms(({ name, description, schema, strict }: ToolDefinition): Tool => {
  const held = strict ? toHeldSchema(schema) : undefined;
  return {
    toolSpec: {
      name,
      // An empty description is refused.
      ...(description && { description }),
      // A JSON Schema is plain data, which is what the SDK calls a document; its type says so of mutable data only.
      inputSchema: {
        json: (held ?? schema) as NonNullable<Tool.ToolSpecMember["toolSpec"]["inputSchema"]>["json"] & object,
      },
      ...(held && { strict: true }),
    },
  };
});

// Only schemas in the strict form are taken, and of those not every one; any other is asked for in words.
function toHeld({ mode, strict, schema }: OutputDefinition): JsonSchema | undefined {
  return mode === "schema" && strict && schema !== undefined ? toHeldSchema(schema) : undefined;
}

function toOutputConfig(
  own: Params["outputConfig"],
  { name, description }: OutputDefinition,
  held: JsonSchema,
): NonNullable<Params["outputConfig"]> {
  if (own?.textFormat !== undefined) {
    throw new ConfigError("bedrock: `outputConfig.textFormat` and `responseModel` exclude each other.");
  }
  const jsonSchema = { name, ...(description && { description }), schema: JSON.stringify(held) };
  return { ...own, textFormat: { type: "json_schema", structure: { jsonSchema } } };
}
