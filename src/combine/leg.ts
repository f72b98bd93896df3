import type { CallNode } from "../call/combination.ts";
import { definition } from "../call/types.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import { isWhen, type When } from "../errors/when.ts";

/** A leg as it was given. */
interface GivenLeg {
  readonly node: CallNode<ProviderTypes>;
  readonly when: readonly When[] | undefined;
}

/** Checks a leg: a call, or `{ call, when }`. Throws `ConfigError`. */
export function toLeg(name: string, given: unknown, index: number): GivenLeg {
  // A function has a `call` of the language's own.
  if (typeof given === "function") return { node: nodeOf(name, given, index), when: undefined };
  if (typeof given !== "object" || given === null) throw noCall(name, given, index);
  const unknown = unknownKey(`Leg ${index} of ${name} has no key`, given, ["call", "when"]);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { call, when } = given as { call?: unknown; when?: unknown };
  if (index === 0)
    throw new ConfigError(`The first leg of ${name} is a call: there is no error yet to ask \`when\` about.`);
  const list: readonly unknown[] | undefined = when === undefined || Array.isArray(when) ? when : [when];
  if (list?.every(isWhen) === false) {
    throw new ConfigError(
      `\`when\` of leg ${index} is a kind of classify() such as "rate_limit", a class of errors, a function, or a list of them; it was given ${describe(when)}.`,
    );
  }
  return { node: nodeOf(name, call, index), when: list as readonly When[] | undefined };
}

function nodeOf(name: string, call: unknown, index: number): CallNode<ProviderTypes> {
  const node =
    typeof call === "function" ? (call as { [definition]?: CallNode<ProviderTypes> })[definition] : undefined;
  if (node === undefined) throw noCall(name, call, index);
  return node;
}

function noCall(name: string, given: unknown, index: number): ConfigError {
  return new ConfigError(
    `${name} is made of calls, as openai.call(...) gives them; leg ${index} is ${describe(given)}.`,
  );
}
