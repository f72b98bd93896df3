// What a page shows of an example: the whole file or a region, without the markers and the common indentation.
//
//     // #region name
//     …
//     // #endregion

/** How a comment begins, in TypeScript and in Python. */
const markers: readonly string[] = ["//", "#"];

/** The lines of a region without their common indent; regions may lie in one another. */
export function regionOf(lines: readonly string[], name: string): string[] | undefined {
  const start = lines.findIndex((line) => markers.some((marker) => line.trim() === `${marker} #region ${name}`));
  if (start < 0) return undefined;
  let depth = 1;
  for (let index = start + 1; index < lines.length; index++) {
    const line = (lines[index] as string).trim();
    if (/^(?:\/\/|#) #region /.test(line)) depth++;
    else if (/^(?:\/\/|#) #endregion$/.test(line)) depth--;
    if (depth === 0) return dedented(wholeOf(lines.slice(start + 1, index)));
  }
  return undefined;
}

/** All lines but the markers. */
export function wholeOf(lines: readonly string[]): string[] {
  return lines.filter((line) => !/^\s*(?:\/\/|#) #(?:end)?region\b/.test(line));
}

function dedented(lines: readonly string[]): string[] {
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  const common = Math.min(...indents);
  return lines.map((line) => line.slice(common));
}
