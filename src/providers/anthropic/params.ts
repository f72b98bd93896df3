import type Anthropic from "@anthropic-ai/sdk";
import { type ForcedTool, forcedTool } from "../../contract/forced-tool.ts";
import { jsonInstruction, toolInstruction } from "../../contract/instruction.ts";
import type { CallRequest, CommonParams, NativeRequest, OutputDefinition } from "../../contract/provider.ts";
import { renamed } from "../../contract/renamed.ts";
import { type ToolDefinition, toolForms } from "../../contract/tool-definition.ts";
import { excessOf, toHeldSchema } from "../../dialects/held-schema.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import type { JsonSchema } from "../../schema/json-schema.ts";
import { toConversation } from "./messages.ts";
import type { AnthropicTypes } from "./types.ts";

/**
 * The most tokens an answer has unless the call says otherwise: what every model since Claude 3.5 can give. A thinking
 * budget comes on top, as it counts too; outside a stream up to `wholeMaxTokens`, where that leaves room for an answer.
 */
export const defaultMaxTokens = 8192;

/** The most tokens that the SDK waits for outside a stream when no time limit is given. */
const wholeMaxTokens = 21_333;
const leastAnswer = 4096;

function defaultLimit(thinking: Anthropic.ThinkingConfigParam | undefined, stream: boolean): number {
  const budget = thinking?.type === "enabled" ? thinking.budget_tokens : 0;
  const limit = defaultMaxTokens + budget;
  return stream || budget + leastAnswer > wholeMaxTokens ? limit : Math.min(limit, wholeMaxTokens);
}

// Requests whose limit of tokens was not written in the SDK's own terms.
const limited = new WeakSet<object>();

/**
 * Milliseconds that a whole answer may take. Without one, the SDK refuses to wait for more than `wholeMaxTokens` outside a
 * stream; where the caller named those to it (`max_tokens`), that is his affair, and this is `undefined`.
 * https://platform.claude.com/docs/en/cli-sdks-libraries/sdks/typescript#long-requests
 */
export function timeToWait(request: { readonly max_tokens: number }): number | undefined {
  if (!limited.has(request) || request.max_tokens <= defaultMaxTokens) return undefined;
  // The SDK's own reckoning: 128,000 tokens an hour, ten minutes at least.
  return Math.max(10, Math.ceil((60 * request.max_tokens) / 128_000)) * 60_000;
}

/** The whole request. Throws `ConfigError` and `UnsupportedError` for what cannot be asked of this API. */
export function toRequest(neutral: CallRequest<AnthropicTypes>): NativeRequest<AnthropicTypes> {
  const { model, output, common, callParams, stream } = neutral;
  const asked: Asked = output === undefined ? {} : toOutput(output, neutral);
  // Wherever it stands, a system message of ours becomes part of the system prompt: this one its end.
  const said = asked.instruction === undefined ? [] : [{ role: "system", content: asked.instruction } as const];
  const { system, messages, container } = toConversation([...neutral.messages, ...said], callParams.system);
  const tools = asked.tool === undefined ? neutral.tools : [...neutral.tools, asked.tool];
  checkStrict(neutral.tools);
  const { thinking } = callParams;
  const request: Anthropic.MessageCreateParams = {
    model,
    max_tokens: defaultLimit(thinking, stream),
    ...(common && toCommonParams(common)),
    ...callParams,
    ...asked.params,
    ...(system !== undefined && { system }),
    ...(container !== undefined && { container: toContainer(container, callParams.container) }),
    ...(tools.length > 0 && { tools: [...tools.map(toTool), ...(callParams.tools ?? [])] }),
    messages,
    ...(stream && { stream }),
  };
  if (callParams.max_tokens === undefined) limited.add(request);
  return {
    request,
    messages,
    ...(common && { changes: renamed(common, { maxTokens: "max_tokens", topP: "top_p", stop: "stop_sequences" }) }),
    answerLimit: request.max_tokens,
    nativeTools: "tools" in callParams,
  };
}

/** The container a conversation goes on in; one that the caller names wins, skills that it names are kept. */
function toContainer(id: string, own: Container | null | undefined): Container {
  if (typeof own !== "object" || own === null) return own ?? id;
  return { id, ...own };
}

type Container = NonNullable<AnthropicTypes["Params"]["container"]>;

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
  const inTools = neutral.tools.map(heldBy).filter((schema) => schema !== undefined);
  // There is no JSON mode without a schema, and some schemas the API does not hold the model to.
  if (held === undefined || excessOf([...inTools, held]) !== undefined) return { instruction: jsonInstruction(output) };
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
    return { params: { tool_choice: { type: "auto" } }, instruction: toolInstruction(name, isAlone) };
  }
  return { params: { tool_choice: isAlone ? { type: "tool", name } : { type: "any" } } };
}

function heldBy({ strict, schema }: ToolDefinition): JsonSchema | undefined {
  return strict ? toHeldSchema(schema) : undefined;
}

/** The API compiles all strict tools of a request together; the first that is too much is named. */
function checkStrict(tools: readonly ToolDefinition[]): void {
  const held: JsonSchema[] = [];
  for (const tool of tools) {
    const schema = heldBy(tool);
    if (schema === undefined) continue;
    held.push(schema);
    const excess = excessOf(held);
    if (excess === undefined) continue;
    const message = `anthropic cannot hold a model to the strict tool "${tool.name}": with it the request has ${excess}. Turn strict off.`;
    throw new UnsupportedError("anthropic", "strict schema", message);
  }
}

const propertyName = /^[a-zA-Z0-9_.-]{1,64}$/;

/** Throws `UnsupportedError` for a property whose name the API refuses: "Property keys should match pattern …". */
function checkNames(owner: string, schema: unknown, isNames = false, path: readonly string[] = []): void {
  if (typeof schema !== "object" || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (isNames && !propertyName.test(key)) {
      const message = `anthropic takes properties of 1 to 64 of a-z, A-Z, 0-9, "_", "." and "-" in a tool's parameters; ${JSON.stringify(key)} of "${owner}" is none: rename it, or ask for the answer with \`jsonMode\`.`;
      throw new UnsupportedError("anthropic", "property name", message, [...path, key]);
    }
    if (!isNames && dataKeywords.includes(key)) continue;
    checkNames(owner, value, !isNames && key === "properties", [...path, key]);
  }
}

// What these hold is data, whatever its keys are.
const dataKeywords: readonly string[] = ["const", "enum", "default", "examples"];

const toTool = toolForms((tool: ToolDefinition): Anthropic.Tool => {
  const { name, description, schema, strict, cache } = tool;
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    if (!Object.hasOwn(schema, key)) continue;
    const message = `anthropic takes no "${key}" at the root of a tool's parameters, as "${name}" has it: name the properties.`;
    throw new UnsupportedError("anthropic", `tool parameters with ${key}`, message);
  }
  checkNames(name, schema);
  const held = heldBy(tool);
  return {
    name,
    ...(description !== undefined && { description }),
    // A tool's schema is an object's: `defineTools` and the wrapping of answers see to that.
    input_schema: { ...(held ?? schema) } as Anthropic.Tool.InputSchema,
    ...(held && { strict }),
    ...(cache && { cache_control: { type: "ephemeral", ...cache } }),
  };
});

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
