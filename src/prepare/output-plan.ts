import type { OutputDefinition, Provider, ProviderTypes, StructuredMode } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { isSchema } from "../schema/is-schema.ts";
import {
  type Infer,
  type InferInput,
  prepareSchema,
  type StandardSchemaV1,
  schemaName,
  validName,
} from "../schema/schema.ts";
import { toStrictSchema } from "../schema/strict-schema.ts";
import { withProperties, wrapSchema } from "../schema/wrap.ts";

/** How a structured answer is asked for, as the call's options say: `schema` is absent in bare JSON mode. */
export interface OutputOption {
  readonly mode: StructuredMode;
  readonly schema: StandardSchemaV1 | ((...args: never[]) => StandardSchemaV1) | undefined;
  /** @internal The plan itself, where nobody reads the answer by a schema. */
  readonly plan?: OutputPlan;
}

/** The same with everything derived from the schema, for one call. */
export interface OutputPlan {
  readonly definition: OutputDefinition;
  readonly schema: StandardSchemaV1 | undefined;
  /** Takes out the `null`s that a strict schema made of absent fields. */
  readonly restore: (value: unknown) => unknown;
  /** The property that holds the value, where it is sent in an object, because the API takes only objects at the root. */
  readonly wrapper: string | undefined;
}

/** What a model is told of the answer, where the schema itself does not say it. */
export interface AnswerWords {
  /** The name of the tool that carries the answer, or of its schema. Default: the schema's title, else `answer`. */
  readonly name?: string;
  /** What the tool, or the schema, is for. Default: the schema's description, else one that says nothing of the task. */
  readonly description?: string;
  /** The property that holds a value whose schema is no object. Default: `value`. */
  readonly wrapper?: string;
  /** What asks for JSON where words must: the JSON Schema follows it. Default: a sentence that asks for one JSON object. */
  readonly instruction?: string;
}

const words = Symbol("answer words");
const wordKeys: readonly string[] = ["name", "description", "wrapper", "instruction"] satisfies (keyof AnswerWords)[];

interface Described extends StandardSchemaV1 {
  readonly [words]: { readonly schema: StandardSchemaV1; readonly said: AnswerWords };
}

/**
 * The same response model with words of your own: `responseModel: describeAnswer(z.enum(["up", "down"]), { name: "vote" })`.
 * The given schema is not changed. Throws `ConfigError` for a name that not every provider takes.
 */
export function describeAnswer<S extends StandardSchemaV1>(
  schema: S,
  said: AnswerWords,
): StandardSchemaV1<InferInput<S>, Infer<S>> {
  if (!isSchema(schema)) throw new ConfigError(`describeAnswer takes a schema; it was given ${describe(schema)}.`);
  const unknown = unknownKey("An answer has no words called", said, wordKeys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  for (const key of ["name", "wrapper"] as const) {
    const name = said[key];
    if (name === undefined || (typeof name === "string" && name !== "" && validName(name) === name)) continue;
    const rule = "letters, digits, `_` and `-`, 64 at most, and begins with no digit";
    throw new ConfigError(`An answer's \`${key}\` has ${rule}; ${JSON.stringify(name)} is no such name.`);
  }
  const described: Described = { "~standard": schema["~standard"], [words]: { schema, said: { ...said } } };
  // The type of what a schema takes and gives stands in `~standard`, which is the given schema's own.
  return described as StandardSchemaV1<InferInput<S>, Infer<S>>;
}

const defaultName = "answer";
const defaultWrapper = "value";
const defaultDescription = "The answer.";
const objectDescription = "The answer. Leave out an optional property for which there is no value.";

const bareJson: OutputPlan = {
  definition: { mode: "json", name: defaultName, description: undefined, schema: undefined, strict: false },
  schema: undefined,
  restore: (value) => value,
  wrapper: undefined,
};

type Form = StructuredMode | "whole schema";

// A schema is converted once for each form, not once a call; the schema is the key, so nothing is kept beyond it.
const plans = new WeakMap<StandardSchemaV1, Map<Form, Promise<OutputPlan>>>();

/** The plan for one call; a schema that is a function of the call's arguments is made here. */
export function planOutput(
  { mode, schema, plan: given }: OutputOption,
  args: readonly unknown[],
  provider: Pick<Provider<ProviderTypes>, "holdsWholeSchemas">,
): OutputPlan | Promise<OutputPlan> {
  if (schema === undefined) return given ?? bareJson;
  const made = isSchema(schema) ? schema : schema(...(args as never[]));
  if (!isSchema(made)) {
    throw new ConfigError(`\`responseModel\` is a function that makes a schema; it gave ${describe(made)}.`);
  }
  const form = mode === "schema" && provider.holdsWholeSchemas ? "whole schema" : mode;
  const known = plans.get(made) ?? new Map<Form, Promise<OutputPlan>>();
  plans.set(made, known);
  let plan = known.get(form);
  if (plan === undefined) {
    plan = makePlan(mode, form, made);
    known.set(form, plan);
    plan.catch(() => known.delete(form));
  }
  return plan;
}

async function makePlan(mode: StructuredMode, form: Form, given: StandardSchemaV1): Promise<OutputPlan> {
  const { schema, said }: Described[typeof words] = (given as Partial<Described>)[words] ?? { schema: given, said: {} };
  const plain = await prepareSchema(schema);
  const wrapper = plain.type === "object" ? undefined : (said.wrapper ?? defaultWrapper);
  const { title: _, description, ...rest } = wrapper === undefined ? plain : { ...wrapSchema(plain, wrapper) };
  const { schema: sent, restore, strict } = form === "schema" ? strictIfPossible(rest) : loose(rest);
  const unsaid = wrapper === undefined ? objectDescription : defaultDescription;
  return {
    definition: {
      mode,
      name: said.name ?? schemaName(plain, defaultName),
      description: said.description ?? description ?? plain.description ?? unsaid,
      schema: mode === "tool" ? withProperties(sent) : sent,
      strict,
      ...(said.instruction !== undefined && { instruction: said.instruction }),
    },
    schema,
    restore,
    wrapper,
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
