import type Anthropic from "@anthropic-ai/sdk";
import { type ForcedTool, forcedTool } from "../../contract/forced-tool.ts";
import { jsonInstruction } from "../../contract/instruction.ts";
import type {
  CallRequest,
  CommonParams,
  NativeRequest,
  OutputDefinition,
  ToolDefinition,
} from "../../contract/provider.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import { toConversation } from "./messages.ts";
import { toHeldSchema } from "./schema.ts";
import type { AnthropicTypes } from "./types.ts";

/**
 * The most tokens an answer has unless the call says otherwise: what every model since Claude 3.5 can give, and below
 * the 21 333 beyond which the SDK asks for a stream (or a `timeout`). A thinking budget comes on top, as it counts too.
 */
export const defaultMaxTokens = 8192;

/** The whole request. Throws `ConfigError` and `UnsupportedError` for what cannot be asked of this API. */
export function toRequest(neutral: CallRequest<AnthropicTypes>): NativeRequest<AnthropicTypes> {
  const { model, output, common, callParams, stream } = neutral;
  const asked: Asked = output === undefined ? {} : toOutput(output, neutral);
  // Wherever it stands, a system message of ours becomes part of the system prompt: this one its end.
  const said = asked.instruction === undefined ? [] : [{ role: "system", content: asked.instruction } as const];
  const { system, messages } = toConversation([...neutral.messages, ...said], callParams.system);
  const tools = asked.tool === undefined ? neutral.tools : [...neutral.tools, asked.tool];
  const { thinking } = callParams;
  const request: Anthropic.MessageCreateParams = {
    model,
    max_tokens: defaultMaxTokens + (thinking?.type === "enabled" ? thinking.budget_tokens : 0),
    ...(common && toCommonParams(common)),
    ...callParams,
    ...asked.params,
    ...(system !== undefined && { system }),
    ...(tools.length > 0 && { tools: [...tools.map(toTool), ...(callParams.tools ?? [])] }),
    messages,
    ...(stream && { stream }),
  };
  return { request, messages };
}

/** How the answer's shape is asked for: by a tool whose arguments it is, by parameters, in words. */
interface Asked {
  readonly tool?: ToolDefinition;
  readonly instruction?: string;
  readonly params?: Partial<AnthropicTypes["Params"]>;
}

function toOutput(output: OutputDefinition, neutral: CallRequest<AnthropicTypes>): Asked {
  const { callParams } = neutral;
  const own = { tools: callParams.tools, choice: callParams.tool_choice, choiceName: "tool_choice" };
  const forced = forcedTool("anthropic", neutral, own);
  if (forced !== undefined) return { tool: forced.tool, ...force(forced, callParams) };
  const { mode, schema, strict } = output;
  const held = mode === "schema" && strict && schema !== undefined ? toHeldSchema(schema) : undefined;
  // There is no JSON mode without a schema, and some schemas the API does not hold the model to.
  if (held === undefined) return { instruction: jsonInstruction(output) };
  if (callParams.output_config?.format) {
    throw new ConfigError("anthropic: `output_config.format` and `responseModel` exclude each other.");
  }
  const format: Anthropic.JSONOutputFormat = { type: "json_schema", schema: { ...held } };
  return { params: { output_config: { ...callParams.output_config, format } } };
}

function force({ tool: { name }, isAlone }: ForcedTool, { thinking }: Partial<AnthropicTypes["Params"]>): Asked {
  // The API forces no tool on a model that is told to think, so it is asked in words:
  // https://platform.claude.com/docs/en/build-with-claude/extended-thinking#extended-thinking-with-tool-use
  if (thinking && thinking.type !== "disabled") {
    const only = isAlone
      ? `by calling the tool "${name}"`
      : `by calling a tool; "${name}" is the one that takes the answer`;
    return { params: { tool_choice: { type: "auto" } }, instruction: `Answer only ${only}.` };
  }
  return { params: { tool_choice: isAlone ? { type: "tool", name } : { type: "any" } } };
}

function toTool({ name, description, schema, strict, cache }: ToolDefinition): Anthropic.Tool {
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    if (!Object.hasOwn(schema, key)) continue;
    const message = `anthropic takes no "${key}" at the root of a tool's parameters, as "${name}" has it: name the properties.`;
    throw new UnsupportedError("anthropic", `tool parameters with ${key}`, message);
  }
  const held = strict ? toHeldSchema(schema) : undefined;
  return {
    name,
    ...(description !== undefined && { description }),
    // A tool's schema is an object's: `defineTools` and the wrapping of answers see to that.
    input_schema: { ...(held ?? schema) } as Anthropic.Tool.InputSchema,
    ...(held && { strict }),
    ...(cache && { cache_control: { type: "ephemeral", ...cache } }),
  };
}

/** Newer models take neither `temperature` nor `top_p`; the API says so itself, with the model's name. */
function toCommonParams(common: CommonParams): object {
  const { temperature, maxTokens, topP, stop, ...lacking } = common;
  for (const [param, value] of Object.entries(lacking)) {
    if (value === undefined) continue;
    throw new UnsupportedError("anthropic", param, `anthropic has no parameter for "${param}": leave it out.`);
  }
  return {
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(stop !== undefined && { stop_sequences: [stop].flat() }),
  };
}
