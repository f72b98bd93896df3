import type { CommonParams } from "./provider.ts";

/** The sentences about common parameters that go under another name: `names` has it where it differs. */
export function renamed(
  common: CommonParams | undefined,
  names: { readonly [Name in keyof CommonParams]?: string },
): readonly string[] {
  return Object.entries(names).flatMap(([name, sent]) =>
    common?.[name as keyof CommonParams] === undefined ? [] : [`The parameter ${name} is sent as ${sent}.`],
  );
}
