import type { OutputDefinition, Provider, ProviderTypes, StructuredMode } from "../contract/provider.ts";
import { isSchema, prepareSchema, type StandardSchemaV1, schemaName } from "../schema/schema.ts";
import { toStrictSchema } from "../schema/strict-schema.ts";
import { wrapSchema } from "../schema/wrap.ts";

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

type Form = StructuredMode | "whole schema";

// A schema is converted once for each form, not once a call; the schema is the key, so nothing is kept beyond it.
const plans = new WeakMap<StandardSchemaV1, Map<Form, Promise<OutputPlan>>>();

/** The plan for one call; a schema that is a function of the call's arguments is made here. */
export function planOutput(
  { mode, schema }: OutputOption,
  args: readonly unknown[],
  provider: Pick<Provider<ProviderTypes>, "holdsWholeSchemas">,
): OutputPlan | Promise<OutputPlan> {
  if (schema === undefined) return bareJson;
  const made = isSchema(schema) ? schema : schema(...(args as never[]));
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

async function makePlan(mode: StructuredMode, form: Form, schema: StandardSchemaV1): Promise<OutputPlan> {
  const plain = await prepareSchema(schema);
  const wrapped = plain.type !== "object";
  const { title: _, description, ...rest } = wrapped ? { ...wrapSchema(plain, wrapperKey) } : plain;
  const { schema: sent, restore, strict } = form === "schema" ? strictIfPossible(rest) : loose(rest);
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
