/** The value below which this part of the values lies; NaN of none. The values are sorted in place. */
export function percentiles(values: Float64Array, ...parts: readonly number[]): number[] {
  values.sort();
  return parts.map((part) =>
    values.length === 0
      ? Number.NaN
      : (values[Math.min(values.length - 1, Math.floor(part * values.length))] ?? Number.NaN),
  );
}
