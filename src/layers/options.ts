import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";

/** Checks that options are an object of known keys. Throws `ConfigError`. */
export function checkOptions(name: string, options: object, keys: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ConfigError(`${name} takes an object of options; it was given ${describe(options)}.`);
  }
  const unknown = unknownKey(`${name} has no option`, options, keys);
  if (unknown !== undefined) throw new ConfigError(unknown);
}

/** Checks a count. Throws `ConfigError`. */
export function wholeNumber(name: string, value: unknown, least: number): void {
  if (Number.isInteger(value) && Number(value) >= least) return;
  throw new ConfigError(`\`${name}\` is a whole number from ${least}; it was given ${describe(value)}.`);
}

/** Checks an amount, which may have a fraction. Throws `ConfigError`. */
export function amount(name: string, value: unknown, least = 0): void {
  if (typeof value === "number" && Number.isFinite(value) && value >= least) return;
  throw new ConfigError(`\`${name}\` is a number from ${least}; it was given ${describe(value)}.`);
}

/** Checks what is to be a function where it is given. Throws `ConfigError`. */
export function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw new ConfigError(`\`${name}\` is a function; it was given ${describe(value)}.`);
}

/** Checks that a store has the methods that are called. Throws `ConfigError`. */
export function checkStore(name: string, store: unknown, methods: readonly string[]): void {
  if (store === undefined) return;
  const has = (method: string) => typeof (store as Record<string, unknown>)[method] === "function";
  if (typeof store === "object" && store !== null && methods.every(has)) return;
  throw new ConfigError(
    `The \`store\` of ${name} has the methods ${methods.join(", ")}; it was given ${describe(store)}.`,
  );
}
