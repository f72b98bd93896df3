import type { Attributes, AttributeValue } from "@opentelemetry/api";
import type { Answer } from "../contract/answer.ts";
import type { Outgoing } from "../contract/layer.ts";
import type { StopReason } from "../contract/provider.ts";
import { classify } from "../errors/classify.ts";
import { isCallscopeError } from "../errors/errors.ts";

// The names are those of https://github.com/open-telemetry/semantic-conventions-genai, written as strings: no package has
// them. What they have no name for begins with `callscope.`.

/** Attributes without those that are not told. */
export function told(values: Readonly<Record<string, AttributeValue | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** What spans and metrics of a request are told apart by; it is there before the request leaves. */
export function identityOf({ telemetry, model, address }: Outgoing): Attributes {
  const { provider, operation = "chat" } = telemetry;
  const [, host, port] = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(address ?? "") ?? [];
  return told({
    "gen_ai.operation.name": operation,
    "gen_ai.provider.name": provider,
    "gen_ai.request.model": model,
    "server.address": host || undefined,
    "server.port": port === undefined ? undefined : Number(port),
  });
}

/** What a request says of how to answer. */
export function requestAttributes({ settings, prepared, purpose, attempt }: Outgoing): Attributes {
  const { stop, choices } = settings;
  return told({
    "gen_ai.request.temperature": settings.temperature,
    "gen_ai.request.top_p": settings.topP,
    "gen_ai.request.top_k": settings.topK,
    "gen_ai.request.max_tokens": settings.maxTokens,
    "gen_ai.request.seed": settings.seed,
    "gen_ai.request.stop_sequences": stop === undefined ? undefined : [stop].flat(),
    "gen_ai.request.frequency_penalty": settings.frequencyPenalty,
    "gen_ai.request.presence_penalty": settings.presencePenalty,
    "gen_ai.request.choice.count": choices === 1 ? undefined : choices,
    "gen_ai.request.stream": prepared.stream || undefined,
    "gen_ai.request.reasoning.level": settings.reasoning,
    "gen_ai.request.previous_response.id": settings.previousResponse,
    "gen_ai.output.type": settings.form,
    "callscope.request.purpose": purpose === "call" ? undefined : purpose,
    "callscope.request.attempt": attempt === 1 ? undefined : attempt,
  });
}

/** What an answer says. Of one that did not come whole, what it wrote is not counted and has no price. */
export function responseAttributes(answer: Answer, whole: boolean): Attributes {
  const { tokens } = answer;
  return told({
    "gen_ai.response.id": answer.id,
    "gen_ai.response.model": answer.model,
    "gen_ai.response.finish_reasons": finishReasons(answer),
    "gen_ai.usage.input_tokens": tokens.input,
    "gen_ai.usage.cache_read.input_tokens": tokens.cacheRead,
    "gen_ai.usage.cache_write.input_tokens": tokens.cacheWrite,
    "gen_ai.usage.audio.input_tokens": tokens.inputAudio,
    ...(whole && {
      "gen_ai.usage.output_tokens": tokens.output,
      "gen_ai.usage.reasoning.output_tokens": tokens.reasoning,
      "gen_ai.usage.audio.output_tokens": tokens.outputAudio,
      "callscope.usage.estimated": tokens.estimated,
      "callscope.cost.usd": answer.cost,
    }),
  });
}

const reasons: Readonly<Record<Exclude<StopReason, "other">, string>> = {
  stop: "stop",
  pause: "pause",
  length: "length",
  tool_calls: "tool_call",
  content_filter: "content_filter",
  error: "error",
};

/** One a choice: in the conventions' words where there is one of them, `error` where it never came. */
function finishReasons({ finishReasons: own = [], stopReason }: Answer): string[] {
  const [first] = own;
  const common = stopReason === undefined ? "error" : stopReason === "other" ? String(first) : reasons[stopReason];
  if (own.length < 2) return [common];
  return own.map((reason) =>
    reason === first
      ? common
      : String(reason)
          .toLowerCase()
          .replace(/^tool_calls$/, "tool_call"),
  );
}

/** What kind of failure it was: the class of the SDK's error or the code of ours, so few distinct values. */
export function errorType(error: unknown): string {
  if (isCallscopeError(error)) return error.code;
  if (typeof error !== "object" || error === null) return "_OTHER";
  const { name } = error as { readonly name?: unknown };
  const names = [error.constructor?.name, name];
  const known = names.find((one) => typeof one === "string" && /^\w{1,64}$/.test(one) && !general.includes(one));
  return typeof known === "string" ? known : "_OTHER";
}

const general: readonly string[] = ["Error", "Object", "DOMException"];

/** What is told of a failure. Never its message: services repeat keys and prompts in it. */
export function errorAttributes(error: unknown): Attributes {
  const { kind, status } = classify(error);
  return told({
    "error.type": errorType(error),
    "callscope.error.kind": kind,
    "http.response.status_code": status,
  });
}
