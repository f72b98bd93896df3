import type { LoopEnd, Outgoing } from "../contract/layer.ts";
import { classify } from "../errors/classify.ts";
import { isUnbilled } from "../errors/refused.ts";
import type { CameSoFar } from "../layers/watch-events.ts";

// What a line says of each thing, before what is secret is taken out. What is long stands last in it: whoever looks through
// a large file can read the head of a line alone.

/** What leaves: the prompt in neutral form, and what is asked of the model. Never a header. */
export function requestTold({ provider, model, purpose, attempt, prepared, settings }: Outgoing): object {
  const { stream, tools, neutral, metadata } = prepared;
  return {
    provider,
    model,
    purpose,
    attempt,
    stream,
    settings,
    ...(tools.length > 0 && { tools }),
    metadata,
    messages: neutral.map(withoutBytes),
  };
}

/** What came. Of an answer that did not come whole, what it wrote is not counted and has no price. */
export function answerTold({ answer, notes }: CameSoFar, whole: boolean): object {
  if (answer === undefined) return {};
  const { id, model, stopReason, tokens, inputTokens, outputTokens, message, head } = answer;
  return {
    response: id,
    model,
    stopReason,
    requestId: head?.requestId,
    inputTokens,
    ...(whole && { outputTokens, tokens, cost: answer.cost }),
    ...(notes?.cached && { cached: true }),
    ...(notes?.leg !== undefined && { leg: notes.leg }),
    message: withoutBytes(message),
  };
}

/** What a run of a loop came to. */
export function loopTold({ status, responses, cost }: LoopEnd): object {
  return { status, requests: responses.length, cost };
}

/** How something failed. */
export function errorTold(error: unknown): object {
  const { kind, status } = classify(error);
  const isError = error instanceof Error;
  return {
    error: {
      name: isError ? error.constructor.name : typeof error,
      kind,
      status,
      message: isError ? error.message : undefined,
    },
  };
}

/** How a request failed, and that it cost nothing where it was refused. */
export function failureTold(error: unknown): object {
  return { ...errorTold(error), ...(isUnbilled(error) && { cost: 0 }) };
}

/** A message whose files are told by their size: a trace is for reading. */
function withoutBytes(message: object): object {
  const { native: _, ...rest } = message as { readonly native?: unknown; readonly content?: unknown };
  return Array.isArray(rest.content) ? { ...rest, content: rest.content.map(shortened) } : rest;
}

function shortened(part: unknown): unknown {
  if (typeof part !== "object" || part === null || typeof (part as { data?: unknown }).data !== "string") return part;
  const { data, ...rest } = part as { readonly data: string };
  return { ...rest, base64Characters: data.length };
}
