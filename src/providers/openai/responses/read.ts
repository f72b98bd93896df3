import type OpenAI from "openai";
import type { RawToolCall, Reading, StopReason } from "../../../contract/provider.ts";
import { withCalls } from "../../../contract/stop-reason.ts";
import { ResponseError } from "../../../errors/errors.ts";
import type { ThinkingPart } from "../../../message/parts.ts";
import { outputWithReasoning, type Tokens, tokensFrom } from "../../../money/tokens.ts";
import { providerName } from "./content.ts";
import type { OpenAIResponsesTypes as P } from "./types.ts";

// The SDK's types promise more than answers hold: compatible services leave fields out, and a stream's partial response
// has gaps. Whatever is read here may be missing.

type Output = OpenAI.Responses.Response["output"];

/** The common properties of a response. Throws `ResponseError` for one that failed and for a body that is none. */
export function readResponse(response: P["Response"]): Reading<P> {
  const output = checkOutput(response);
  const reason = finishReason(response);
  const model = response.model || undefined;
  return {
    id: response.id || undefined,
    model,
    content: outputText(output),
    finishReasons: reason === undefined ? undefined : [reason],
    stopReason: reason === undefined ? undefined : stopReason(reason, output),
    usage: response.usage ?? undefined,
    tokens: readTokens(response.usage),
    toolCalls: output.flatMap(readToolCall),
    thinking: readThinking(output),
    refusal: texts(output, "refusal") || undefined,
    serviceTier: response.service_tier ?? undefined,
    priced: { provider: "openai", model },
  };
}

function checkOutput(response: P["Response"]): Output {
  const body = typeof response === "object" && response !== null ? response : undefined;
  if (body?.status === "failed") throw failure(body.error, response);
  // An answer without output is one all the same where its status says so: in the background, or to warm the cache.
  if (Array.isArray(body?.output) && (body.output.length > 0 || typeof body.status === "string")) return body.output;
  const kind = typeof response === "string" ? "text" : body === undefined ? "nothing" : "a body without output";
  throw new ResponseError(providerName, `${providerName} answered with ${kind}, not with a response.`, response);
}

/** The error for an answer that says it failed, under a status of 200 or inside a stream; `response` is all that came. */
export function failure(
  error: { code?: unknown; message?: unknown } | null | undefined,
  response: unknown,
): ResponseError {
  const said = [error?.code, error?.message].filter((part) => typeof part === "string" && part !== "");
  return new ResponseError(
    providerName,
    [`The response of ${providerName} failed`, ...said].join(": "),
    response,
    error == null ? {} : { cause: error },
  );
}

/**
 * The reason an answer is incomplete, else its status: this API has no finish reason, and says `completed` also of an
 * answer that ends in tool calls. `undefined` while the answer is still being made.
 */
export function finishReason({ status, incomplete_details }: P["Response"]): P["FinishReason"] | undefined {
  if (status === undefined || status === null || status === "in_progress" || status === "queued") return undefined;
  return incomplete_details?.reason ?? status;
}

const stopReasons: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ["completed", "stop"],
  ["max_output_tokens", "length"],
  ["content_filter", "content_filter"],
]);

function stopReason(reason: string, output: Output): StopReason | undefined {
  const calls = output.filter((item) => isCall(item) || isForClient(item, output));
  return withCalls(stopReasons.get(reason) ?? "other", calls);
}

// Tools of OpenAI's own that the client runs, or is asked about; where the API runs one itself, its output stands beside it.
// https://developers.openai.com/api/docs/guides/tools
const clientCalls = ["apply_patch_call", "computer_call", "local_shell_call", "shell_call"];

function isForClient(item: Output[number] | undefined, output: Output): boolean {
  if (item === undefined || !clientCalls.includes(item.type)) return false;
  const answered = `${item.type}_output`;
  return !output.some((other) => (other?.type as string | undefined) === answered);
}

/** The text of an answer, as the SDK's `output_text` has it: of all messages, with nothing between. */
export function outputText(output: Output): string {
  return texts(output, "output_text");
}

function texts(output: Output, kind: "output_text" | "refusal"): string {
  let text = "";
  for (const item of output) {
    if (item?.type !== "message") continue;
    for (const part of item.content ?? []) {
      if (part?.type === kind) text += ("text" in part ? part.text : part.refusal) ?? "";
    }
  }
  return text;
}

/** True for a call that the caller answers: of a function, or of a custom tool that `callParams` offers. */
export function isCall(item: Output[number] | undefined): item is P["ToolCall"] & Output[number] {
  return item?.type === "function_call" || item?.type === "custom_tool_call";
}

/** What a call brings: the arguments of a function as JSON text (compatible services: as an object), a custom tool's text. */
export function inputOf(item: P["ToolCall"]): string | object {
  return (item.type === "function_call" ? item.arguments : item.input) ?? "";
}

/**
 * The calls that the caller answers. A result is matched by `call_id`; `id` is the item's own. The calls of tools that
 * OpenAI runs itself (search, code, MCP) are in the SDK's response only.
 */
export function readToolCall(item: Output[number]): RawToolCall<P>[] {
  if (!isCall(item)) return [];
  return [{ id: item.call_id ?? "", name: item.name ?? "", input: inputOf(item), native: item }];
}

// A part for each reasoning item that shows something; one that is only encrypted goes back with the turn.
function readThinking(output: Output): ThinkingPart[] | undefined {
  const thoughts: ThinkingPart[] = [];
  for (const item of output) {
    if (item?.type !== "reasoning") continue;
    const { summary, content, encrypted_content: signature } = item;
    const text = [...(summary ?? []), ...(content ?? [])].map((part) => part?.text ?? "").join("");
    if (text !== "") thoughts.push({ type: "thinking", text, ...(signature && { signature }) });
  }
  return thoughts.length > 0 ? thoughts : undefined;
}

/** https://developers.openai.com/api/reference/resources/responses: cached tokens are part of the input, reasoning of the output. */
export function readTokens(usage: P["Usage"] | null | undefined): Tokens {
  const { input_tokens_details: input, output_tokens_details: output } = usage ?? {};
  const read = usage?.input_tokens;
  if (read === 0) return tokensFrom({ output: usage?.output_tokens || undefined });
  return tokensFrom({
    input: read,
    output: outputWithReasoning(read, usage?.output_tokens, usage?.total_tokens, output?.reasoning_tokens),
    cacheRead: input?.cached_tokens,
    cacheWrite: input?.cache_write_tokens,
    reasoning: output?.reasoning_tokens,
  });
}
