import type { ProviderTypes } from "../contract/provider.ts";
import { listIssues } from "../errors/issue.ts";
import { findJson, looksCutOff, type Repair } from "../json/find-json.ts";
import { type OutputPlan, wrapperKey } from "../prepare/output-plan.ts";
import { noteRepairs } from "../read/repairs.ts";
import type { CallResponse } from "../read/response.ts";
import { type StandardSchemaV1, validate } from "../schema/schema.ts";
import { ParseError } from "./parse-error.ts";

const responses = new WeakMap<object, CallResponse>();

/** The response a structured value came from; `undefined` for primitives (use `withResponse()`) and foreign values. */
export function responseOf(value: object): CallResponse | undefined {
  return responses.get(value);
}

/** Reads the structured value out of a response and validates it. Throws `ParseError`. */
export async function extract<P extends ProviderTypes>(response: CallResponse<P>, plan: OutputPlan): Promise<unknown> {
  const { value, text, repairs } = answerOf(response, plan);
  noteRepairs(response, repairs);
  const validation = await validate(plan.schema as StandardSchemaV1, unwrap(plan, value));
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

/** @internal The raw value, out of its wrapper and its strict form. */
export function unwrap(plan: OutputPlan, raw: unknown): unknown {
  const value = plan.restore(raw);
  if (!plan.wrapped || typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.hasOwn(value, wrapperKey) ? (value as Record<string, unknown>)[wrapperKey] : value;
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
  const truncated = response.stopReason === "length" && looksCutOff(text);
  const found = truncated ? undefined : findJson(text, "object");
  if (found !== undefined) return { value: found.value, text, repairs: found.repairs };
  if (truncated || response.stopReason === "length") {
    throw new ParseError("truncated", "The answer was cut off by the token limit.", { response, text });
  }
  throw new ParseError("invalid_json", "The answer holds no complete JSON value.", { response, text });
}
