import { forcedTool } from "../contract/forced-tool.ts";
import { toolInstruction, withInstruction, withSystem } from "../contract/instruction.ts";
import type { CallRequest, CommonParams, NativeRequest, ProviderTypes, ToolResult } from "../contract/provider.ts";
import { renamed } from "../contract/renamed.ts";
import { fitResult } from "../contract/result-content.ts";
import { type ToolDefinition, toolForms } from "../contract/tool-definition.ts";
import { ConfigError, PromptError } from "../errors/errors.ts";
import { isMessage, textOf } from "../message/message.ts";
import type { CachePart, Message, Part, ResultContent } from "../message/parts.ts";
import { takesNothing } from "../schema/wrap.ts";
import { type ChatPart, type ChatSupport, toPart, unsupported } from "./chat-completions-parts.ts";

// The chat-completions wire, https://platform.openai.com/docs/api-reference/chat, as structural types: what several SDKs
// declare each for themselves. Pure functions to import; a provider that differs says so in its own folder.

interface ChatMessage {
  role: string;
  content?: string | ChatPart[] | null;
  tool_calls?: { id: string; type: "function"; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

/** Neutral messages as this wire has them; native ones pass as they are. */
function toChatMessages(messages: readonly object[], support: ChatSupport): object[] {
  const converted: object[] = [];
  for (const [index, message] of messages.entries()) {
    const { role, content, native } = message as { role?: string; content?: unknown; native?: unknown };
    // Text under one of the wire's own roles is the same in both forms, and passes as it is.
    if (typeof content === "string" && native === undefined && support.roles.includes(role as string)) {
      converted.push(message);
    } else if (!isMessage(message)) converted.push(checkNative(message, index, support));
    else if (isOwn(message, support)) converted.push(message.native?.message as object);
    else if (message.role === "tool") converted.push(...toolResults(message, support));
    else converted.push(toChatMessage(message, support));
  }
  return converted;
}

function isOwn({ native }: Message, { provider, kin = [] }: ChatSupport): boolean {
  return native !== undefined && (native.provider === provider || kin.includes(native.provider));
}

function checkNative(message: object, index: number, { provider, roles }: ChatSupport): object {
  const { role } = message as { role?: unknown };
  if (typeof role === "string" && roles.includes(role)) return message;
  throw new PromptError(
    `Message ${index} is not a message of ${provider}: its role is ${JSON.stringify(role)}, not one of ${roles.join(", ")}.`,
  );
}

function toChatMessage(message: Message, support: ChatSupport): object {
  const { role, content } = message;
  if (typeof content === "string") return message.native === undefined ? message : { role, content };
  if (role === "user") return { role, content: toParts(content, support) };
  if (role === "system") {
    for (const { type } of content) {
      if (type !== "text" && type !== "cache_control") throw unsupported(support, type, "a system message");
    }
    return isText(message) ? message : { role, content: toParts(content, support) };
  }
  return isText(message) ? message : toAssistant(content, support);
}

// Texts in parts are written here as they are there, so that nothing tells both forms apart: they pass as they are.
function isText({ content, native }: Message): boolean {
  return native === undefined && typeof content !== "string" && content.every(({ type }) => type === "text");
}

function toAssistant(content: readonly Part[], support: ChatSupport): object {
  const texts = content.flatMap((part) => (part.type === "text" ? [{ ...part }] : []));
  const message: ChatMessage = { role: "assistant", content: texts.length > 1 ? texts : textOf(texts) };
  for (const part of content) {
    if (part.type === "tool_call") {
      message.tool_calls ??= [];
      const { id, name } = part;
      message.tool_calls.push({ id, type: "function", function: { name, arguments: part.arguments } });
      // A thought belongs to the provider that had it: another one neither reads nor checks it.
    } else if (part.type !== "text" && part.type !== "thinking") throw unsupported(support, part.type, "an answer");
  }
  if (message.content === "" && message.tool_calls !== undefined) message.content = null;
  return message;
}

function toolResults({ content }: Message, support: ChatSupport): ChatMessage[] {
  if (typeof content === "string") throw unsupported(support, "text", "a tool message");
  return content.map((part) => {
    if (part.type !== "tool_result") throw unsupported(support, part.type, "a tool message");
    return { role: "tool", tool_call_id: part.id, content: toResult(part.content, support) };
  });
}

// OpenAI's own API answers 400: "Image URLs are only allowed for messages with role 'user'"
// (https://github.com/OpenHands/OpenHands/issues/7700); a provider that takes them says so.
function toResult(content: ResultContent, support: ChatSupport): string | ChatPart[] {
  const fitted = fitResult(content, { name: support.provider, resultMedia: support.resultMedia ?? [] });
  return typeof fitted === "string" ? fitted : fitted.map((part) => toPart(part, support));
}

function toParts(content: readonly Part[], support: ChatSupport): ChatPart[] {
  const parts: ChatPart[] = [];
  for (const part of content) {
    if (part.type !== "text" && !support.parts.includes(part.type)) throw unsupported(support, part.type, "a message");
    if (part.type === "cache_control") markCached(parts, part.ttl, support);
    else parts.push(toPart(part, support));
  }
  return parts;
}

// The mark stands on the part it ends with.
function markCached(parts: ChatPart[], ttl: CachePart["ttl"], support: ChatSupport): void {
  const last = parts.pop();
  if (last === undefined) throw unsupported(support, "cache_control", "the first place of a message");
  const mark = support.cacheMark?.(ttl);
  if (mark === undefined) throw unsupported(support, `cache_control ttl ${ttl}`, "a message");
  parts.push({ ...last, ...mark });
}

/** Tool results, a message each. */
export function toChatToolMessages<P extends ProviderTypes>(results: readonly ToolResult<P>[], support: ChatSupport) {
  return results.map(({ call, output }) => {
    const content = toResult(output, support);
    // The converters build what each SDK's types describe, from structural types of their own.
    return { role: "tool", tool_call_id: call.id, content } as unknown as P["ToolMessage"];
  });
}

/** The request's parameters that are about tools and the answer's shape; the caller's own stand beside them. */
function toChatParams<P extends ProviderTypes>(request: CallRequest<P>, support: ChatSupport): object {
  const { provider } = support;
  const { tools, output, callParams } = request;
  const own = callParams as {
    tools?: readonly object[];
    tool_choice?: unknown;
    response_format?: unknown;
    stream_options?: object | null;
  };
  const forced = forcedTool(provider, request, {
    tools: own.tools,
    choice: own.tool_choice,
    choiceName: "tool_choice",
  });
  const offered = forced === undefined ? tools : [...tools, forced.tool];
  const params: Record<string, unknown> = { ...own };
  if (offered.length > 0) params.tools = [...offered.map(toChatTool), ...(own.tools ?? [])];
  if (forced !== undefined) {
    const choice = forced.isAlone ? { type: "function", function: { name: forced.tool.name } } : "required";
    params.tool_choice = support.thinks?.(callParams) ? "auto" : choice;
  }
  if (output !== undefined && output.mode !== "tool" && own.response_format !== undefined) {
    throw new ConfigError(`${provider}: \`response_format\` and \`jsonMode\` exclude each other.`);
  }
  if (!takesFormat(request, support)) return params;
  if (output?.mode === "json") params.response_format = { type: "json_object" };
  if (output?.mode === "schema") {
    const { name, description, schema, strict } = output;
    params.response_format = {
      type: "json_schema",
      json_schema: { name, ...(description !== undefined && { description }), schema, strict },
    };
  }
  return params;
}

/** The messages with the words that ask for the answer's shape, where no parameter does. */
function asked<P extends ProviderTypes>(messages: readonly object[], request: CallRequest<P>, support: ChatSupport) {
  const { output, callParams } = request;
  if (output === undefined) return messages;
  if (output.mode !== "tool") return withInstruction<object>(messages, output);
  if (!support.thinks?.(callParams)) return messages;
  return withSystem<object>(messages, toolInstruction(output.name, isAlone(request)));
}

/** True where no tool is offered but the one that carries the answer. */
function isAlone<P extends ProviderTypes>({ tools, callParams }: CallRequest<P>): boolean {
  return tools.length + ((callParams as { tools?: readonly object[] }).tools?.length ?? 0) === 0;
}

function takesFormat<P extends ProviderTypes>(request: CallRequest<P>, support: ChatSupport): boolean {
  return support.formatsBesideTools !== false || isAlone(request);
}

/** The common parameters by this wire's names. */
function commonChatParams(common: CommonParams, limit = "max_completion_tokens"): object {
  const { temperature, maxTokens, topP, stop, seed, frequencyPenalty, presencePenalty } = common;
  return defined({
    temperature,
    [limit]: maxTokens,
    top_p: topP,
    stop,
    seed,
    frequency_penalty: frequencyPenalty,
    presence_penalty: presencePenalty,
  });
}

/** An object without the keys whose value is `undefined`. */
export function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}

/** The whole request. */
export function toChatRequest<P extends ProviderTypes>(
  request: CallRequest<P>,
  support: ChatSupport,
): NativeRequest<P> {
  const { model, output, callParams } = request;
  const written = toChatMessages(request.messages, support);
  const inWords = output !== undefined && (output.mode === "json" || !takesFormat(request, support));
  const messages = inWords || output?.mode === "tool" ? asked(written, request, support) : written;
  const common = request.common && commonChatParams(request.common, support.limit);
  const plain = request.tools.length === 0 && output === undefined;
  const params = plain ? callParams : toChatParams(request, support);
  const stream = request.stream && streaming(callParams, support);
  const all: Limits = { ...common, ...params };
  const limit = all.max_completion_tokens ?? all.max_tokens;
  // The converters build what each SDK's types describe, from structural types of their own.
  return {
    request: { model, messages, ...all, ...stream } as P["Request"],
    messages: messages as P["Message"][],
    ...(common && {
      changes: renamed(request.common, { ...chatNames, maxTokens: support.limit ?? chatNames.maxTokens }),
    }),
    // All choices together.
    answerLimit: typeof limit === "number" ? limit * (typeof all.n === "number" ? all.n : 1) : undefined,
    nativeTools: "tools" in callParams || "functions" in callParams,
  };
}

interface Limits {
  readonly max_completion_tokens?: unknown;
  readonly max_tokens?: unknown;
  readonly n?: unknown;
}

const chatNames = {
  maxTokens: "max_completion_tokens",
  topP: "top_p",
  frequencyPenalty: "frequency_penalty",
  presencePenalty: "presence_penalty",
};

function streaming({ stream_options }: { stream_options?: object | null }, { asksForUsage }: ChatSupport): object {
  if (!asksForUsage || stream_options === null) return { stream: true };
  return { stream: true, stream_options: { include_usage: true, ...stream_options } };
}

const toChatTool = toolForms(({ name, description, schema, strict }: ToolDefinition): object => {
  return {
    type: "function",
    function: {
      name,
      ...(description !== undefined && { description }),
      // A function without parameters is declared by leaving them out.
      ...((strict || !takesNothing(schema)) && { parameters: schema }),
      ...(strict && { strict }),
    },
  };
});
