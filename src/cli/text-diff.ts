/** One line of a comparison. */
export interface DiffLine {
  readonly sign: "-" | "+" | " ";
  readonly text: string;
}

const largest = 4_000_000;

/** The lines that are gone and new, with a line of what stands around them. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const middle = compare(old.slice(start, old.length - end), now.slice(start, now.length - end));
  const same = (text: string): DiffLine => ({ sign: " ", text });
  const whole = [
    ...old.slice(0, start).map(same),
    ...middle,
    ...old.slice(old.length - end, end > 0 ? undefined : 0).map(same),
  ];
  const isNear = (at: number) => [at - 1, at, at + 1].some((near) => (whole[near]?.sign ?? " ") !== " ");
  return whole.filter((_, at) => isNear(at));
}

/** By the longest common sequence; of texts too large for that, all old lines and all new ones. */
function compare(old: readonly string[], now: readonly string[]): DiffLine[] {
  const width = now.length + 1;
  if (old.length * now.length > largest) {
    return [...old.map((text) => ({ sign: "-", text }) as const), ...now.map((text) => ({ sign: "+", text }) as const)];
  }
  const lengths = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i * width + j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ sign: " ", text: old[i++] ?? "" });
      j++;
    } else if (i < old.length && (j >= now.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: "-", text: old[i++] ?? "" });
    } else lines.push({ sign: "+", text: now[j++] ?? "" });
  }
  return lines;
}
