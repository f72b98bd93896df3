import type { OutputDefinition, ProviderTypes, StructuredMode } from "../contract/provider.ts";
import { ParseError } from "../errors/errors.ts";
import { listIssues } from "../errors/issue.ts";
import { findJson, looksCutOff, type Repair } from "../json/find-json.ts";
import { noteRepairs } from "../read/repairs.ts";
import type { CallResponse } from "../read/response.ts";
import { isSchema, prepareSchema, type StandardSchemaV1, schemaName, validate, wrapSchema } from "../schema/schema.ts";
import { toStrictSchema } from "../schema/strict-schema.ts";

/** How a structured answer is asked for, as the call's options say: `schema` is absent in bare JSON mode. */
export interface OutputOption {
  readonly mode: StructuredMode;
  readonly schema: StandardSchemaV1 | ((...args: never[]) => StandardSchemaV1) | undefined;
}

/** The same with everything derived from the schema, for one call. */
export interface OutputPlan {
  readonly definition: OutputDefinition;
  readonly schema: StandardSchemaV1 | undefined;
  /** Takes out the `null`s that a strict schema made of absent fields. */
  readonly restore: (value: unknown) => unknown;
  /** True where the value is sent in an object, because the API takes only objects at the root. */
  readonly wrapped: boolean;
}

/** The property that holds a value whose schema is no object. */
export const wrapperKey = "value";

const defaultName = "answer";
const defaultDescription = "The answer. Take every value from the text; leave an optional one out unless it is there.";

const bareJson: OutputPlan = {
  definition: { mode: "json", name: defaultName, description: undefined, schema: undefined, strict: false },
  schema: undefined,
  restore: (value) => value,
  wrapped: false,
};

// A schema is converted once for each mode, not once a call; the schema is the key, so nothing is kept beyond it.
const plans = new WeakMap<StandardSchemaV1, Map<StructuredMode, Promise<OutputPlan>>>();

/** The plan for one call; a schema that is a function of the call's arguments is made here. */
export function planOutput({ mode, schema }: OutputOption, args: readonly unknown[]): OutputPlan | Promise<OutputPlan> {
  if (schema === undefined) return bareJson;
  const made = isSchema(schema) ? schema : schema(...(args as never[]));
  const known = plans.get(made) ?? new Map<StructuredMode, Promise<OutputPlan>>();
  plans.set(made, known);
  let plan = known.get(mode);
  if (plan === undefined) {
    plan = makePlan(mode, made);
    known.set(mode, plan);
    plan.catch(() => known.delete(mode));
  }
  return plan;
}

async function makePlan(mode: StructuredMode, schema: StandardSchemaV1): Promise<OutputPlan> {
  const plain = await prepareSchema(schema);
  const wrapped = plain.type !== "object";
  const { title: _, description, ...rest } = wrapped ? { ...wrapSchema(plain, wrapperKey) } : plain;
  const { schema: sent, restore, strict } = mode === "schema" ? strictIfPossible(rest) : loose(rest);
  return {
    definition: {
      mode,
      name: schemaName(plain, defaultName),
      description: description ?? plain.description ?? defaultDescription,
      schema: sent,
      strict,
    },
    schema,
    restore,
    wrapped,
  };
}

function loose(schema: OutputDefinition["schema"] & object) {
  return { schema, restore: (value: unknown) => value, strict: false };
}

// What strict mode cannot say (records, say) is still asked for by its schema, only without the provider's guarantee.
function strictIfPossible(schema: OutputDefinition["schema"] & object) {
  try {
    return { ...toStrictSchema(schema), strict: true };
  } catch {
    return loose(schema);
  }
}

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
