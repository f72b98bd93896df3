import type * as sdk from "@mistralai/mistralai/models/components/index.js";
import { forcedTool } from "../../contract/forced-tool.ts";
import { withInstruction } from "../../contract/instruction.ts";
import type { CallRequest, CommonParams, NativeRequest, OutputDefinition } from "../../contract/provider.ts";
import { renamed } from "../../contract/renamed.ts";
import { checkKeys } from "../../contract/sdk-keys.ts";
import { type ToolDefinition, toolForms } from "../../contract/tool-definition.ts";
import { ConfigError } from "../../errors/errors.ts";
import { paramKeys } from "./keys.ts";
import { toMessages } from "./messages.ts";
import type { MistralTypes } from "./types.ts";

type Params = Partial<MistralTypes["Params"]>;

/** The whole request. Throws `ConfigError` for a parameter that would not be sent, `UnsupportedError` for parts it cannot take. */
export function toRequest(neutral: CallRequest<MistralTypes>): NativeRequest<MistralTypes> {
  const { model, callParams, output, stream } = neutral;
  checkKeys("mistral", callParams, paramKeys, hatch);
  const format = output && toFormat(output, neutral);
  // Where the schema is not sent by itself it is told in words, and JSON mode wants the word in any case:
  // https://docs.mistral.ai/capabilities/structured_output/json_mode
  const inWords = output !== undefined && output.mode !== "tool" && format?.type !== "json_schema";
  const converted = toMessages(neutral.messages, neutral.note);
  // What is added is a message of plain text, which is the SDK's own too.
  const messages = inWords ? (withInstruction(converted, output) as MistralTypes["Message"][]) : converted;
  const request = {
    model,
    messages,
    ...toCommonParams(neutral.common),
    ...callParams,
    ...toTools(neutral),
    ...(format && { responseFormat: format }),
    ...(stream && { stream }),
  };
  const { maxTokens, n } = request;
  return {
    request,
    messages,
    ...(neutral.common && { changes: renamed(neutral.common, { seed: "randomSeed" }) }),
    answerLimit: typeof maxTokens === "number" ? maxTokens * (n ?? 1) : undefined,
    nativeTools: "tools" in callParams,
  };
}

const hatch = "To send what the SDK does not know, give a client whose HTTPClient rewrites the body (`beforeRequest`).";

/**
 * The provider's own way to hold an answer to JSON or to a schema. There is none beside tools, with which the API takes
 * no response format (https://github.com/prism-php/prism/pull/965): there words alone ask for it.
 */
function toFormat(output: OutputDefinition, neutral: CallRequest<MistralTypes>): sdk.ResponseFormat | undefined {
  const { mode, name, description, schema, strict } = output;
  if (mode === "tool") return undefined;
  if (neutral.callParams.responseFormat !== undefined) {
    throw new ConfigError("mistral: `responseFormat` and `jsonMode` exclude each other: the one stands for the other.");
  }
  if (neutral.tools.length + (neutral.callParams.tools?.length ?? 0) > 0) return undefined;
  if (mode === "json" || schema === undefined) return { type: "json_object" };
  const described = description === undefined ? {} : { description };
  return { type: "json_schema", jsonSchema: { name, ...described, schemaDefinition: { ...schema }, strict } };
}

function toTools(neutral: CallRequest<MistralTypes>): Params {
  const { tools, callParams } = neutral;
  const own = { tools: callParams.tools, choice: callParams.toolChoice, choiceName: "toolChoice" };
  const forced = forcedTool("mistral", neutral, own);
  const offered = [...tools, ...(forced ? [forced.tool] : [])].map(toTool);
  if (offered.length === 0) return {};
  const all = [...offered, ...(callParams.tools ?? [])];
  if (forced === undefined) return { tools: all };
  const { isAlone, tool } = forced;
  return { tools: all, toolChoice: isAlone ? { type: "function", function: { name: tool.name } } : "any" };
}

const toTool = toolForms(({ name, description, schema, strict }: ToolDefinition): sdk.Tool & { type: "function" } => {
  const described = description === undefined ? {} : { description };
  // Unlike elsewhere `parameters` must be there, also for a tool that has none.
  return { type: "function", function: { name, ...described, parameters: { ...schema }, ...(strict && { strict }) } };
});

function toCommonParams(common: CommonParams = {}): Params {
  const { stop, seed, ...same } = common;
  const renamed = { ...same, randomSeed: seed, stop: typeof stop === "object" ? [...stop] : stop };
  return Object.fromEntries(Object.entries(renamed).filter(([, value]) => value !== undefined));
}
