import type OpenAI from "openai";
import { hostOf } from "../../../contract/address.ts";
import { forcedTool } from "../../../contract/forced-tool.ts";
import { withInstruction } from "../../../contract/instruction.ts";
import type { CallRequest, CommonParams, Provider } from "../../../contract/provider.ts";
import { renamed } from "../../../contract/renamed.ts";
import { staysHere, wrongClient } from "../../../contract/sdk.ts";
import { settingsBy } from "../../../contract/settings.ts";
import { type ToolDefinition, toolForms } from "../../../contract/tool-definition.ts";
import { defined } from "../../../dialects/chat-completions.ts";
import { openaiEvents } from "../../../dialects/openai-sdk.ts";
import { readSdkEvents } from "../../../dialects/sdk-events.ts";
import { ConfigError, PromptError, UnsupportedError } from "../../../errors/errors.ts";
import { provider as chat } from "../provider.ts";
import { providerName } from "./content.ts";
import { toInputItems, toToolMessages } from "./messages.ts";
import { readResponse } from "./read.ts";
import { readEvent } from "./stream.ts";
import { mendTurn } from "./turn.ts";
import type { Create, OpenAIResponsesTypes } from "./types.ts";

type Neutral = CallRequest<OpenAIResponsesTypes>;
type Items = ReturnType<typeof toInputItems>;

export const provider: Provider<OpenAIResponsesTypes> = {
  name: providerName,
  owned: ["model", "messages", "input", "stream"],
  settings: settingsBy({
    temperature: "temperature",
    maxTokens: "max_output_tokens",
    topP: "top_p",
    reasoning: "reasoning.effort",
    previousResponse: "previous_response_id",
    form: "text.format.type",
  }),
  telemetry: () => ({ provider: "openai" }),
  priced: (model) => ({ provider: "openai", model }),
  hosts: /^api\.openai\.com$/,

  fake: async () => (await import("./fake.ts")).fake,

  batch: async () => (await import("./batch.ts")).batch,

  client(given) {
    // The same client serves both of OpenAI's APIs, so that they share its connections.
    if (given === undefined) return chat.client(undefined);
    const client = given as OpenAI;
    if (typeof client?.responses?.create === "function") return client;
    throw wrongClient("openai", "an OpenAI or AzureOpenAI instance", "responses.create");
  },

  // https://developers.openai.com/api/docs/guides/function-calling
  resultMedia: ["image", "document"],

  mediaTokens: (part) => chat.mediaTokens?.(part),

  address: (client) => hostOf(client?.baseURL),

  params(neutral) {
    const { model, messages, output, common, callParams, stream } = neutral;
    const own = checkOwn(callParams);
    // JSON mode needs the word "JSON" in the input, and not every backend looks for it in `instructions`.
    const items = toInputItems(output?.mode === "json" ? withInstruction(messages, output) : messages);
    const input = own.store === false ? withoutUnstored(items, neutral.note) : items;
    if (input.length === 0) checkPrompted(own);
    const params = { ...toCommon(common), ...own, ...toTools(neutral), ...toText(neutral) };
    return {
      request: { model, ...(input.length > 0 && { input }), ...params, ...(stream && { stream }) } as Create,
      messages: input,
      whole: input.length === 0,
      ...(common && { changes: renamed(common, { topP: "top_p", maxTokens: "max_output_tokens" }) }),
      answerLimit: (params as { max_output_tokens?: number | null }).max_output_tokens ?? undefined,
      nativeTools: "tools" in own,
    };
  },

  create(client, request, options) {
    return client.responses.create(request as OpenAI.Responses.ResponseCreateParamsNonStreaming, {
      ...options,
      ...staysHere,
    });
  },

  stream(client, request, options) {
    return client.responses.create(request as OpenAI.Responses.ResponseCreateParamsStreaming, {
      ...options,
      ...staysHere,
    });
  },

  readEvents: (events, http) => readSdkEvents(events, http, openaiEvents),

  read: readResponse,

  readChunk: readEvent,

  messageParam: ({ output }) => ({ role: "assistant", output }),

  mendTurn,

  toolMessages: toToolMessages,
};

/**
 * Where nothing is stored, a thought that came without its cipher is known to nobody: "Item with id 'rs_…' not found …
 * remove this item from your input". With `include: ["reasoning.encrypted_content"]` thoughts have one.
 */
function withoutUnstored(items: Items, note: Neutral["note"]): Items {
  const kept = items.filter((item) => item.type !== "reasoning" || !!item.encrypted_content);
  for (let left = kept.length; left < items.length; left++) note?.("Thoughts that are stored nowhere are left out");
  return kept;
}

function checkOwn(own: Neutral["callParams"]): Neutral["callParams"] {
  if (!Object.hasOwn(own, "input")) return own;
  throw new ConfigError('callParams cannot hold "input": the prompt function writes it.');
}

// What the API itself demands of a request without input.
function checkPrompted({ prompt, previous_response_id, conversation }: Neutral["callParams"]): void {
  if ((prompt ?? previous_response_id ?? conversation) != null) return;
  throw new PromptError(
    `${providerName} needs a message, or one of \`prompt\`, \`previous_response_id\` and \`conversation\` in callParams.`,
  );
}

function toCommon(common: CommonParams = {}): object {
  const { temperature, topP, maxTokens, ...rest } = common;
  const [lacking] = Object.entries(rest).filter(([, value]) => value !== undefined);
  if (lacking !== undefined) {
    const [name] = lacking;
    const message = `${providerName} has no parameter for "${name}"; it has one for temperature, topP and maxTokens.`;
    throw new UnsupportedError(providerName, name, message);
  }
  return defined({ temperature, top_p: topP, max_output_tokens: maxTokens });
}

function toTools(neutral: Neutral): object {
  const { tools, callParams } = neutral;
  const own = { tools: callParams.tools, choice: callParams.tool_choice, choiceName: "tool_choice" };
  const forced = forcedTool(providerName, neutral, own);
  const offered = [...tools, ...(forced ? [forced.tool] : [])].map(toTool);
  if (offered.length === 0) return {};
  const all = [...offered, ...(callParams.tools ?? [])];
  if (forced === undefined) return { tools: all };
  return { tools: all, tool_choice: forced.isAlone ? { type: "function", name: forced.tool.name } : "required" };
}

const toTool = toolForms(({ name, description, schema, strict }: ToolDefinition): OpenAI.Responses.FunctionTool => {
  // A tool that does not say `strict` is made strict, and its optional parameters required (recorded):
  // https://developers.openai.com/api/docs/guides/function-calling#strict-mode
  return { type: "function", name, ...(description !== undefined && { description }), parameters: schema, strict };
});

function toText({ output, callParams: { text } }: Neutral): object {
  if (output === undefined || output.mode === "tool") return {};
  if (text?.format !== undefined) {
    throw new ConfigError(`${providerName}: \`text.format\` and \`jsonMode\` exclude each other.`);
  }
  if (output.mode === "json") return { text: { ...text, format: { type: "json_object" } } };
  const { name, description, schema, strict } = output;
  return {
    text: { ...text, format: { type: "json_schema", name, ...(description && { description }), schema, strict } },
  };
}
