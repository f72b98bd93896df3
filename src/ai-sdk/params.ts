import type { LanguageModelV4FunctionTool } from "@ai-sdk/provider";
import { forcedTool } from "../contract/forced-tool.ts";
import { withInstruction } from "../contract/instruction.ts";
import type { CallRequest, NativeRequest, ToolDefinition } from "../contract/provider.ts";
import { renamed } from "../contract/renamed.ts";
import { camelSettings } from "../dialects/camel-settings.ts";
import { ConfigError } from "../errors/errors.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { providerName, toPrompt } from "./prompt.ts";
import type { AISDKTypes } from "./types.ts";

type Params = Partial<AISDKTypes["Params"]>;

/** The whole request, in the form of the AI SDK's specification. */
export function toRequest(neutral: CallRequest<AISDKTypes>): NativeRequest<AISDKTypes> {
  const { model, messages, output, callParams, common } = neutral;
  // JSON mode needs the word "JSON" in the prompt, wherever it is asked for.
  const prompt = toPrompt(output?.mode === "json" ? withInstruction(messages, output) : messages);
  const params: Params = { ...camelSettings(common), ...callParams, ...toTools(neutral), ...toFormat(neutral) };
  return {
    request: { model, prompt, ...params },
    messages: prompt,
    ...(common && { changes: renamed(common, { maxTokens: "maxOutputTokens", stop: "stopSequences" }) }),
    answerLimit: params.maxOutputTokens,
    nativeTools: callParams.tools !== undefined,
  };
}

function toTools(neutral: CallRequest<AISDKTypes>): Params {
  const { tools, callParams } = neutral;
  const own = { tools: callParams.tools, choice: callParams.toolChoice, choiceName: "toolChoice" };
  const forced = forcedTool(providerName, neutral, own);
  const offered = forced === undefined ? tools : [...tools, forced.tool];
  if (offered.length === 0) return {};
  return {
    tools: [...offered.map(toTool), ...(callParams.tools ?? [])],
    ...(forced !== undefined && {
      toolChoice: forced.isAlone ? { type: "tool", toolName: forced.tool.name } : { type: "required" },
    }),
  };
}

function toTool({ name, description, schema, strict }: ToolDefinition): LanguageModelV4FunctionTool {
  return {
    type: "function",
    name,
    ...(description !== undefined && { description }),
    inputSchema: toJsonSchema7(schema),
    ...(strict && { strict }),
  };
}

function toFormat({ output, callParams }: CallRequest<AISDKTypes>): Params {
  if (output === undefined || output.mode === "tool") return {};
  if (callParams.responseFormat !== undefined) {
    throw new ConfigError(`${providerName}: \`responseFormat\` and \`jsonMode\` exclude each other.`);
  }
  if (output.mode === "json" || output.schema === undefined) return { responseFormat: { type: "json" } };
  const { name, description, schema } = output;
  return {
    responseFormat: {
      type: "json",
      schema: toJsonSchema7(schema),
      name,
      ...(description !== undefined && { description }),
    },
  };
}

// The types of two packages for one thing.
function toJsonSchema7(schema: JsonSchema): LanguageModelV4FunctionTool["inputSchema"] {
  return schema as unknown as LanguageModelV4FunctionTool["inputSchema"];
}
