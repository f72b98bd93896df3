import { forcedTool } from "../../contract/forced-tool.ts";
import { withInstruction } from "../../contract/instruction.ts";
import type { CallRequest, CommonParams, NativeRequest, ToolDefinition } from "../../contract/provider.ts";
import { renamed } from "../../contract/renamed.ts";
import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import { toLocalMessages } from "./messages.ts";
import { planAnswer } from "./plan.ts";
import type { LocalTypes } from "./provider-types.ts";
import type { LocalParams, LocalRequest, LocalTool } from "./types.ts";

/** The whole request. Throws `ConfigError` and `UnsupportedError` for what could only fail later. */
export function toLocalRequest(neutral: CallRequest<LocalTypes>): NativeRequest<LocalTypes> {
  const { model, output, callParams, common, stream } = neutral;
  // A forced call shows the schema as the tool's; the other modes have to tell the model what the grammar wants.
  const told = output !== undefined && output.mode !== "tool";
  const asked = told ? withInstruction(neutral.messages, output) : neutral.messages;
  const messages = toLocalMessages(asked, neutral.note);
  const request: LocalRequest = {
    model,
    messages,
    ...commonParams(common),
    ...callParams,
    ...offer(neutral),
    ...(stream && { stream }),
  };
  check(request);
  const penalties = {
    frequencyPenalty: "repeatPenalty.frequencyPenalty",
    presencePenalty: "repeatPenalty.presencePenalty",
  };
  return {
    request,
    messages,
    ...(common && { changes: renamed(common, { stop: "customStopTriggers", ...penalties }) }),
    answerLimit: request.maxTokens,
    nativeTools: "tools" in callParams,
  };
}

function offer(neutral: CallRequest<LocalTypes>): Pick<LocalParams, "tools" | "toolChoice" | "responseSchema"> {
  const { tools, output, callParams: own } = neutral;
  const choice = { tools: own.tools, choice: own.toolChoice, choiceName: "toolChoice" };
  const forced = forcedTool("local", neutral, choice);
  const offered = [...tools.map(toTool), ...(own.tools ?? [])];
  if (forced !== undefined) {
    const { tool, isAlone } = forced;
    return { tools: [...offered, toTool(tool)], toolChoice: isAlone ? { name: tool.name } : "required" };
  }
  const all = offered.length > 0 ? { tools: offered } : {};
  if (output === undefined) return all;
  if (own.responseSchema !== undefined) {
    const message = "`responseSchema` and `responseModel` exclude each other: both decide the answer's form.";
    throw new ConfigError(`local: ${message}`);
  }
  return { responseSchema: output.schema ?? { type: "object" }, ...all };
}

function toTool({ name, description, schema }: ToolDefinition): LocalTool {
  return { name, ...(description !== undefined && { description }), parameters: schema };
}

// Both penalties are llama.cpp's own, with the formula of OpenAI's (https://platform.openai.com/docs/api-reference/chat):
// they count the tokens of the answer so far, all of them.
function commonParams(common: CommonParams | undefined): LocalParams {
  if (common === undefined) return {};
  const { temperature, maxTokens, topP, stop, seed, frequencyPenalty, presencePenalty } = common;
  const penalized = frequencyPenalty !== undefined || presencePenalty !== undefined;
  return {
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(topP !== undefined && { topP }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && { customStopTriggers: [stop].flat() }),
    ...(penalized && {
      repeatPenalty: {
        penalty: 1,
        lastTokens: wholeAnswer,
        ...(frequencyPenalty !== undefined && { frequencyPenalty }),
        ...(presencePenalty !== undefined && { presencePenalty }),
      },
    }),
  };
}

// More than any context has.
const wholeAnswer = 2 ** 31;

const keys: readonly string[] = [
  "model",
  "messages",
  "stream",
  "temperature",
  "minP",
  "topK",
  "topP",
  "seed",
  "xtc",
  "maxTokens",
  "customStopTriggers",
  "repeatPenalty",
  "dryRepeatPenalty",
  "grammar",
  "tools",
  "toolChoice",
  "responseSchema",
] satisfies (keyof LocalRequest)[];

// No server stands behind this provider that would refuse what is wrong.
function check(request: LocalRequest): void {
  for (const key of Object.keys(request)) {
    if (keys.includes(key)) continue;
    const known = keys.slice(3).join(", ");
    throw new UnsupportedError("local", key, `local has no parameter "${key}"; it has ${known}.`);
  }
  const { maxTokens, seed } = request;
  if (maxTokens !== undefined && !(Number.isSafeInteger(maxTokens) && maxTokens > 0)) {
    throw new ConfigError(`local: \`maxTokens\` is a whole number from 1; it was given ${maxTokens}.`);
  }
  if (seed !== undefined && !(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    throw new ConfigError(`local: \`seed\` is a whole number from 0 to 4294967295; it was given ${seed}.`);
  }
  planAnswer(request);
}
