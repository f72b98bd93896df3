import type { ProviderTypes } from "../contract/provider.ts";
import type { PriceSource } from "../money/cost.ts";
import type { Prepared } from "../prepare/prepare.ts";
import type { Finding } from "./finding.ts";
import { isRecord } from "./is-record.ts";
import { isListed } from "./lint-model.ts";
import { modelNotes } from "./model-data.ts";

/** Parameters by their names on the wire of the chat (`top_p`), wherever they stand in a request. */
type Params = ReadonlyMap<string, unknown>;

/** What some models are documented to refuse. */
interface Rule {
  readonly providers: readonly string[];
  readonly models: RegExp;
  readonly refuses: readonly string[];
  /** Whether it holds for this request. */
  readonly when?: (params: Params) => boolean;
  /** The value that is taken all the same: the default. */
  readonly unless?: Readonly<Record<string, unknown>>;
  readonly source: string;
}

const openai = ["openai", "openai-responses", "azure", "litellm"];
const sampling = ["temperature", "top_p", "logprobs", "top_logprobs"];
const penalties = ["presence_penalty", "frequency_penalty"];
const byDefault = { temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0, logprobs: false };

const rules: readonly Rule[] = [
  {
    providers: openai,
    models: /^o\d/,
    refuses: [...sampling, ...penalties, "logit_bias"],
    unless: byDefault,
    source: "https://developers.openai.com/api/docs/guides/reasoning",
  },
  {
    providers: openai,
    models: /^(?:o\d|gpt-5(?!-chat))/,
    refuses: ["max_tokens"],
    source: "https://developers.openai.com/api/docs/guides/reasoning",
  },
  {
    providers: openai,
    models: /^(?:o3|o4-mini)(?:-20\d\d|$)/,
    refuses: ["stop"],
    source: "the SDK openai, ChatCompletionCreateParams.stop",
  },
  {
    providers: openai,
    models: /^gpt-5(?:-mini|-nano|-pro)?(?:-20\d\d|$)/,
    refuses: sampling,
    unless: byDefault,
    source: "https://developers.openai.com/api/docs/guides/latest-model",
  },
  {
    providers: openai,
    models: /^gpt-5\.\d+(?!-chat)/,
    refuses: sampling,
    unless: byDefault,
    // With no effort of reasoning they are taken, and in these models that is the default.
    when: (params) => (params.get("reasoning_effort") ?? "none") !== "none",
    source: "https://developers.openai.com/api/docs/guides/latest-model",
  },
  {
    providers: ["anthropic", "bedrock", "vertex"],
    models: /claude-(?:opus-4-[156]|sonnet-4-[56]|haiku-4-5)/,
    refuses: ["top_p"],
    when: (params) => params.has("temperature"),
    source: "temperature or top_p, not both: https://platform.claude.com/docs/en/about-claude/models/migration-guide",
  },
];

/** The parameters that the model is documented to refuse. */
export function lintParams(prepared: Prepared<ProviderTypes>, source: PriceSource): Finding[] {
  const { provider, model, output } = prepared;
  const params = paramsOf(prepared.request);
  const findings: Finding[] = [];
  const refuse = (name: string, source: string) =>
    findings.push({
      level: "error",
      rule: "parameter",
      provider,
      place: name,
      message: `${model} refuses ${name}`,
      source,
    });
  for (const { providers, models, refuses, when, unless, source } of rules) {
    if (!providers.includes(provider) || !models.test(model.slice(model.lastIndexOf("/") + 1))) continue;
    if (when?.(params) === false) continue;
    for (const name of refuses) {
      const value = params.get(name);
      const isDefault = unless !== undefined && Object.hasOwn(unless, name) && unless[name] === value;
      if (value !== undefined && value !== null && !isDefault) refuse(name, source);
    }
  }
  const litellm = `litellm's model file, ${modelNotes.litellm}`;
  if (isListed(modelNotes.noSampling, provider, model)) {
    for (const name of ["temperature", "top_p", "top_k"]) if (params.has(name)) refuse(name, litellm);
  }
  if (output?.mode === "tool" && isListed(modelNotes.noForcedTools, provider, model)) {
    const message = `${model} cannot be made to call a tool, as which the answer is asked for: set jsonMode`;
    findings.push({ level: "error", rule: "parameter", provider, message, source: litellm });
  }
  return [...findings, ...tooLong(prepared, source)];
}

function tooLong({ provider, model, priced, answerLimit }: Prepared<ProviderTypes>, source: PriceSource): Finding[] {
  const place = priced ?? { provider, model };
  const most = source.about?.(place.provider, place.model)?.outputTokens;
  if (answerLimit === undefined || most === undefined || answerLimit <= most) return [];
  const message = `an answer of ${answerLimit} tokens is allowed; ${model} gives ${most} at most`;
  return [{ level: "error", rule: "parameter", provider, message, source: "the price data" }];
}

const containers: readonly string[] = ["inferenceConfig", "config", "additionalModelRequestFields", "reasoning"];

/** A request's parameters, those one level down included, by the names of the chat's wire. */
function paramsOf(request: unknown): Params {
  const params = new Map<string, unknown>();
  const add = (of: object, prefix = "") => {
    for (const [name, value] of Object.entries(of)) {
      const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (value !== undefined) params.set(prefix + snake, value);
      if (containers.includes(name) && isRecord(value)) add(value, name === "reasoning" ? "reasoning_" : "");
    }
  };
  if (isRecord(request)) add(request);
  return params;
}
