import type { ProviderTypes } from "../contract/provider.ts";
import { listIssues } from "../errors/issue.ts";
import { findJson, looksCutOff, type Repair, standsInProse } from "../json/find-json.ts";
import { noteRepairs } from "../json/repairs.ts";
import type { OutputPlan } from "../prepare/output-plan.ts";
import type { CallResponse } from "../read/response.ts";
import { type Fitting, fitValue } from "../schema/fit-value.ts";
import { mayBe } from "../schema/json-schema.ts";
import { convertedSchema, type StandardSchemaV1 } from "../schema/schema.ts";
import { parseText } from "../schema/schema-repair.ts";
import { ParseError } from "./parse-error.ts";

const responses = new WeakMap<object, CallResponse>();

/** The response a structured value came from; `undefined` for primitives (use `withResponse()`) and foreign values. */
export function responseOf(value: object): CallResponse | undefined {
  return responses.get(value);
}

/** @internal The same response with more told of it, for a value that came from it. */
export function noteResponse<P extends ProviderTypes>(value: unknown, response: CallResponse<P>): void {
  if (typeof value !== "object" || value === null || !responses.has(value)) return;
  responses.set(value, response as CallResponse);
}

/** Reads the structured value out of a response and validates it. Throws `ParseError`. */
export async function extract<P extends ProviderTypes>(response: CallResponse<P>, plan: OutputPlan): Promise<unknown> {
  const { value, text, repairs } = answerOf(response, plan);
  const { validation, repairs: made } = await fitted(plan, value);
  noteRepairs(response, [...repairs, ...made]);
  if (validation.issues !== undefined) {
    throw new ParseError(
      "invalid_data",
      `The answer does not fit the response model: ${listIssues(validation.issues)}`,
      { response, text, issues: validation.issues },
      validation.cause === undefined ? {} : { cause: validation.cause },
    );
  }
  const result = validation.value;
  if (typeof result === "object" && result !== null) responses.set(result, response as CallResponse);
  return result;
}

/** The verdict on the first reading of the answer that fits; where none does, on the likeliest. */
async function fitted(plan: OutputPlan, raw: unknown): Promise<Fitting<unknown>> {
  let likeliest: Fitting<unknown> | undefined;
  for (const { value, repairs } of readingsOf(plan, raw)) {
    const fitting = await fitValue(plan.schema as StandardSchemaV1, value);
    if (fitting.validation.issues === undefined) return { ...fitting, repairs: [...repairs, ...fitting.repairs] };
    likeliest ??= fitting;
  }
  return likeliest as Fitting<unknown>;
}

/** What the answer may mean, the likeliest first: it may come in its wrapper or without, and as JSON text. */
function readingsOf(plan: OutputPlan, raw: unknown): Reading[] {
  const asText = typeof raw === "string" ? parseText(raw) : undefined;
  return [
    ...unwrapped(plan, raw).map((value) => ({ value, repairs: [] })),
    ...(asText === undefined ? [] : unwrapped(plan, asText)).map((value) => ({ value, repairs: jsonText })),
  ];
}

interface Reading {
  readonly value: unknown;
  readonly repairs: Fitting<unknown>["repairs"];
}

const jsonText: Reading["repairs"] = ["json_text"];

/** The value out of its strict form and its wrapper, which has one key; an object with more may be the value itself. */
function unwrapped({ wrapper, restore, schema }: OutputPlan, raw: unknown): unknown[] {
  const value = restore(raw);
  if (wrapper === undefined || typeof value !== "object" || value === null || !Object.hasOwn(value, wrapper)) {
    return [value];
  }
  const inside = (value as Record<string, unknown>)[wrapper];
  const plain = convertedSchema(schema as StandardSchemaV1) ?? {};
  const isWrapper = Object.keys(value).length === 1 || !mayBe(plain, plain, "object");
  return isWrapper ? [inside, value] : [value, inside];
}

interface Answer {
  readonly value: unknown;
  readonly text: string;
  readonly repairs: readonly Repair[];
}

function answerOf<P extends ProviderTypes>(response: CallResponse<P>, plan: OutputPlan): Answer {
  const { refusal, toolCalls, content, stopReason } = response.reading;
  if (refusal !== undefined) {
    throw new ParseError("refused", `The model refused: ${refusal}`, { response, text: refusal });
  }
  if (stopReason === "content_filter") {
    const [reason = "content filter"] = response.finishReasons ?? [];
    const message = `The provider blocked the answer (${reason}).`;
    throw new ParseError("refused", message, { response, text: content });
  }
  if (plan.definition.mode !== "tool") return jsonOf(response, content);
  const call = toolCalls.find(({ name }) => name === plan.definition.name);
  if (call !== undefined) {
    // An object is what could be read of a text; where the limit cut that text, nothing shows it but the reason.
    if (typeof call.input === "object" && stopReason === "length" && call === toolCalls.at(-1)) {
      const text = JSON.stringify(call.input);
      throw new ParseError("truncated", "The answer was cut off by the token limit.", { response, text });
    }
    if (typeof call.input === "object") return { value: call.input, text: JSON.stringify(call.input), repairs: [] };
    return jsonOf(response, call.input.trim() === "" && stopReason !== "length" ? "{}" : call.input);
  }
  const other = toolCalls[0];
  if (other !== undefined) {
    throw new ParseError(
      "wrong_tool",
      `The model called the tool "${other.name}" where "${plan.definition.name}" was asked for.`,
      { response, text: typeof other.input === "string" ? other.input : JSON.stringify(other.input) },
    );
  }
  // Some models write the very arguments as text; they are validated all the same.
  if (findJson(content, "object") !== undefined) return jsonOf(response, content);
  const kind = stopReason === "length" ? "truncated" : "no_tool_call";
  throw new ParseError(
    kind,
    `The model did not call the tool "${plan.definition.name}" that carries the answer${kind === "truncated" ? ": it was cut off by the token limit" : ""}.`,
    { response, text: content },
  );
}

function jsonOf<P extends ProviderTypes>(response: CallResponse<P>, text: string): Answer {
  const truncated = response.stopReason === "length" && (looksCutOff(text) || standsInProse(text, "object"));
  const found = truncated ? undefined : findJson(text, "object");
  if (found !== undefined) return { value: found.value, text, repairs: found.repairs };
  if (truncated || response.stopReason === "length") {
    throw new ParseError("truncated", "The answer was cut off by the token limit.", { response, text });
  }
  throw new ParseError("invalid_json", "The answer holds no complete JSON value.", { response, text });
}
