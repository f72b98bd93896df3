import { convertedSchema, type Infer, type StandardSchemaV1, type Validation, validate } from "./schema.ts";
import { repairValue, type ValueRepair } from "./schema-repair.ts";

/** A validator's verdict on a value, and what had to be done to the value before it fitted. */
export interface Fitting<T> {
  readonly validation: Validation<T>;
  readonly repairs: readonly ValueRepair[];
}

/**
 * Validates a value as it is; only when it does not fit, as it was meant (`repairValue`), and only when it fits then is
 * that taken. Else the verdict is the first one. Sync stays sync; never throws.
 */
export function fitValue<S extends StandardSchemaV1>(
  schema: S,
  value: unknown,
): Fitting<Infer<S>> | Promise<Fitting<Infer<S>>> {
  const first = validate(schema, value);
  return first instanceof Promise ? first.then((known) => refit(schema, value, known)) : refit(schema, value, first);
}

function refit<S extends StandardSchemaV1>(
  schema: S,
  value: unknown,
  first: Validation<Infer<S>>,
): Fitting<Infer<S>> | Promise<Fitting<Infer<S>>> {
  const asItIs = { validation: first, repairs: [] };
  const plain = first.issues === undefined ? undefined : convertedSchema(schema);
  if (plain === undefined) return asItIs;
  const { value: repaired, repairs } = repairValue(plain, value);
  if (repairs.length === 0) return asItIs;
  const decide = (second: Validation<Infer<S>>) =>
    second.issues === undefined ? { validation: second, repairs } : asItIs;
  const second = validate(schema, repaired);
  return second instanceof Promise ? second.then(decide) : decide(second);
}
