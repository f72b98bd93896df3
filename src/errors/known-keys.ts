/**
 * Says which key of what was given is none of those known, as `A call has no option "strem"; it has stream, …`.
 * `undefined` where all are known. `lacking` is the sentence up to the key: `A call has no option`.
 */
export function unknownKey(lacking: string, given: object, known: readonly string[]): string | undefined {
  const key = Object.keys(given).find((one) => !known.includes(one));
  return key === undefined ? undefined : `${lacking} "${key}"; it has ${known.join(", ")}.`;
}
