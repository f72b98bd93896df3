import type {
  Content,
  ContentUnion,
  FunctionCallingConfig,
  FunctionDeclaration,
  GenerateContentConfig,
  Part as GooglePart,
  ToolListUnion,
} from "@google/genai";
import { checkTurns } from "../contract/conversation.ts";
import { type ForcedTool, forcedTool } from "../contract/forced-tool.ts";
import { withInstruction } from "../contract/instruction.ts";
import type { CallRequest, NativeRequest } from "../contract/provider.ts";
import { renamed } from "../contract/renamed.ts";
import { checkKeys, type Keys, type KeysOf } from "../contract/sdk-keys.ts";
import { type ToolDefinition, toolForms } from "../contract/tool-definition.ts";
import { ConfigError, UnsupportedError } from "../errors/errors.ts";
import { takesNothing } from "../schema/wrap.ts";
import { camelSettings } from "./camel-settings.ts";
import { toContents } from "./gemini.ts";
import { toGeminiSchema } from "./gemini-schema.ts";
import type { GeminiSupport, GenAITypes } from "./gemini-types.ts";

/** The SDK's parameters about which callscope decides. */
export type OwnedParams = "abortSignal" | "automaticFunctionCalling" | "automaticContinuation";

const owned: { readonly [Key in OwnedParams]: string } = {
  abortSignal: "give the signal to the call: `.with({ signal })`",
  automaticFunctionCalling: "the SDK never runs tools here: `response.tools` has them, and each has `call()`",
  automaticContinuation: "one call is one request, so that its cost is that of one request",
};

// Every key the SDK reads. One it does not know it drops without a word.
const known: Keys = {
  abortSignal: true,
  audioTimestamp: true,
  audioTranscriptionConfig: true,
  automaticContinuation: true,
  automaticFunctionCalling: true,
  cachedContent: true,
  candidateCount: true,
  continuationToken: true,
  enableEnhancedCivicAnswers: true,
  frequencyPenalty: true,
  generationOutputConfig: true,
  httpOptions: true,
  imageConfig: true,
  labels: true,
  logprobs: true,
  maxOutputTokens: true,
  mediaResolution: true,
  modelArmorConfig: true,
  modelSelectionConfig: true,
  presencePenalty: true,
  responseJsonSchema: true,
  responseLogprobs: true,
  responseMimeType: true,
  responseModalities: true,
  responseSchema: true,
  routingConfig: true,
  safetySettings: true,
  seed: true,
  serviceTier: true,
  speechConfig: true,
  stopSequences: true,
  store: true,
  systemInstruction: true,
  temperature: true,
  thinkingConfig: true,
  toolConfig: true,
  tools: true,
  topK: true,
  topP: true,
} satisfies KeysOf<GenerateContentConfig>;

const hatch = "A field of the API that the SDK does not know goes into `httpOptions: { extraBody: { … } }`.";

/** The whole request. Throws `ConfigError` and `UnsupportedError` for what cannot be sent. */
export function toGeminiRequest<P extends GenAITypes>(
  neutral: CallRequest<P>,
  support: GeminiSupport,
): NativeRequest<P> {
  const { model, output } = neutral;
  const own: GenerateContentConfig = neutral.callParams;
  checkParams(own, support);
  const given = own.toolConfig?.functionCallingConfig;
  const forced = forcedTool(support.provider, neutral, {
    tools: own.tools,
    choice: given?.mode ?? given?.allowedFunctionNames,
    choiceName: "toolConfig.functionCallingConfig",
  });
  checkNames(neutral.tools, support);
  const tools = toTools(neutral.tools, forced, own);
  const inWords = output !== undefined && (output.mode === "json" || (output.mode === "schema" && !!tools?.length));
  const asked = inWords ? withInstruction(neutral.messages, output) : neutral.messages;
  const { contents, system } = toContents(asked, support, model, neutral.note);
  checkTurns(support.provider, contents);
  const config: GenerateContentConfig = {
    ...camelSettings(neutral.common),
    ...own,
    ...(system !== undefined && { systemInstruction: joinSystem(own.systemInstruction, system) }),
    ...(tools !== undefined && { tools }),
    ...toolChoice(neutral.tools, forced, own),
    ...answerShape(neutral, own, tools, support),
    // On by default, it would send further requests for an answer that stops with CONTINUATION.
    automaticContinuation: false,
    automaticFunctionCalling: { disable: true },
  };
  const { maxOutputTokens, candidateCount = 1 } = config;
  return {
    request: { model, contents, config },
    messages: contents,
    ...(neutral.common && { changes: renamed(neutral.common, configNames) }),
    answerLimit: maxOutputTokens === undefined ? undefined : maxOutputTokens * candidateCount,
    nativeTools: own.tools !== undefined,
  };
}

// The SDK's parameters are one of three arguments.
const configNames = {
  temperature: "config.temperature",
  maxTokens: "config.maxOutputTokens",
  topP: "config.topP",
  stop: "config.stopSequences",
  seed: "config.seed",
  frequencyPenalty: "config.frequencyPenalty",
  presencePenalty: "config.presencePenalty",
};

function checkParams(own: object, { provider, lacks }: GeminiSupport): void {
  for (const key of Object.keys(own)) {
    if (Object.hasOwn(owned, key)) {
      throw new ConfigError(`${provider}: \`callParams\` cannot hold "${key}": ${owned[key as OwnedParams]}.`);
    }
    if ((lacks as readonly string[]).includes(key)) {
      throw new UnsupportedError(provider, key, `${provider} has no parameter "${key}"; Google's other service does.`);
    }
  }
  checkKeys(provider, own, known, hatch);
}

/** The caller's own instruction, then the prompt's. */
function joinSystem(own: ContentUnion | undefined, system: string | GooglePart[]): ContentUnion {
  if (typeof system === "string" && (own === undefined || typeof own === "string")) {
    return own === undefined ? system : `${own}\n\n${system}`;
  }
  const first = own === undefined ? [] : typeof own === "string" ? [{ text: `${own}\n\n` }] : partsOf(own);
  return { role: "user", parts: [...first, ...(typeof system === "string" ? [{ text: system }] : system)] };
}

function partsOf(content: Exclude<ContentUnion, string>): GooglePart[] {
  const { parts } = content as Content;
  if (Array.isArray(parts)) return parts;
  const items = Array.isArray(content) ? content : [content as GooglePart];
  return items.map((item) => (typeof item === "string" ? { text: item } : item));
}

/** Other providers take names that begin with a digit or a dash, https://ai.google.dev/api/caching#FunctionDeclaration. */
function checkNames(tools: readonly ToolDefinition[], { provider }: GeminiSupport): void {
  const odd = tools.find(({ name }) => !/^[a-zA-Z_]/.test(name));
  if (odd === undefined) return;
  const message = `${provider} takes names of tools that begin with a letter or "_"; "${odd.name}" does not: rename it.`;
  throw new UnsupportedError(provider, "tool name", message);
}

function toTools(
  tools: readonly ToolDefinition[],
  forced: ForcedTool | undefined,
  own: GenerateContentConfig,
): ToolListUnion | undefined {
  const declared = [...tools, ...(forced ? [forced.tool] : [])].map(toDeclaration);
  return declared.length === 0 ? own.tools : [{ functionDeclarations: declared }, ...(own.tools ?? [])];
}

const toDeclaration = toolForms(({ name, description, schema }: ToolDefinition): FunctionDeclaration => {
  return {
    name,
    ...(description !== undefined && { description }),
    // A function without parameters is declared by leaving them out: https://ai.google.dev/api/caching#FunctionDeclaration
    ...(!takesNothing(schema) && { parametersJsonSchema: toGeminiSchema(schema) }),
  };
});

// The SDK's enum is a value of a module that is not loaded yet; its members are these strings.
type Mode = NonNullable<FunctionCallingConfig["mode"]>;

function toolChoice(
  tools: readonly ToolDefinition[],
  forced: ForcedTool | undefined,
  own: GenerateContentConfig,
): GenerateContentConfig {
  const given = own.toolConfig?.functionCallingConfig;
  const choose = (choice: FunctionCallingConfig): GenerateContentConfig => ({
    toolConfig: { ...own.toolConfig, functionCallingConfig: { ...given, ...choice } },
  });
  if (forced !== undefined) {
    return choose({ mode: "ANY" as Mode, ...(forced.isAlone && { allowedFunctionNames: [forced.tool.name] }) });
  }
  // Strictness is a mode of all tools: https://ai.google.dev/gemini-api/docs/function-calling#function_calling_modes
  const wantsStrict = tools.some(({ strict }) => strict) && given?.mode === undefined;
  return wantsStrict ? choose({ mode: "VALIDATED" as Mode }) : {};
}

function answerShape<P extends GenAITypes>(
  { output }: CallRequest<P>,
  own: GenerateContentConfig,
  tools: ToolListUnion | undefined,
  { provider }: GeminiSupport,
): GenerateContentConfig {
  if (output === undefined || output.mode === "tool") return {};
  if (own.responseMimeType !== undefined) {
    throw new ConfigError(
      `${provider}: \`responseMimeType\` and \`jsonMode\` exclude each other: the one is made of the other.`,
    );
  }
  // Models before Gemini 3 refuse JSON mode beside tools; the instruction asks for it then.
  if (tools?.length) return {};
  if (output.mode === "json") return { responseMimeType: "application/json" };
  if (own.responseSchema !== undefined || own.responseJsonSchema !== undefined) {
    throw new ConfigError(`${provider}: a schema in \`callParams\` and \`responseModel\` exclude each other.`);
  }
  return {
    responseMimeType: "application/json",
    ...(output.schema !== undefined && { responseJsonSchema: toGeminiSchema(output.schema) }),
  };
}
