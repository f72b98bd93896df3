/**
 * Says which key of what was given is none of those known, as `A call has no option "strem"; it has stream, …`.
 * `undefined` where all are known. `lacking` is the sentence up to the key: `A call has no option`.
 */
export function unknownKey(lacking: string, given: object, known: readonly string[]): string | undefined {
  const key = Object.keys(given).find((one) => !known.includes(one));
  return key === undefined ? undefined : `${lacking} "${key}"; it has ${known.join(", ")}.`;
}

/**
 * The key that was meant by one that there is not: spelled another way (`max_output_tokens`), mistyped, or made of the
 * same words (`maxTokens` for `maxOutputTokens`). `undefined` where none comes near.
 */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  let best: { readonly key: string; readonly score: number } | undefined;
  for (const one of known) {
    const score = likeness(key, one);
    if (score >= 0.5 && score > (best?.score ?? 0)) best = { key: one, score };
  }
  return best?.key;
}

/** From 0 to 1: how many of their words two keys share, or how near their letters are. */
function likeness(first: string, second: string): number {
  const [one, other] = [wordsOf(first), wordsOf(second)];
  const shared = one.filter((word) => other.includes(word)).length;
  const words = shared / (one.length + other.length - shared);
  const [letters, others] = [one.join(""), other.join("")];
  // Names are short; what is longer is none.
  const longest = Math.max(letters.length, others.length);
  const near = longest > 40 || longest < 5 ? 0 : 1 - (2 * distance(letters, others)) / longest;
  return letters === others ? 1 : Math.max(words, near);
}

function wordsOf(key: string): string[] {
  return (key.slice(0, 100).match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? []).map((word) => word.toLowerCase());
}

/** How many letters have to be added, taken away or changed (Levenshtein). */
function distance(first: string, second: string): number {
  let row = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (let at = 0; at < first.length; at++) {
    const next = [at + 1];
    for (let index = 0; index < second.length; index++) {
      const changed = (row[index] ?? 0) + (first[at] === second[index] ? 0 : 1);
      next.push(Math.min(changed, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
