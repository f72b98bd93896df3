const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const steps: readonly number[] = [
  ...[1, 2, 5, 10, 30].map((count) => count * second),
  ...[1, 2, 5, 10, 30].map((count) => count * minute),
  ...[1, 3, 6, 12].map((count) => count * hour),
  ...[1, 7, 28].map((count) => count * day),
];
const most = 400;

/** Stretches of time of one width, on the hands of the clock where the page is looked at. */
export interface TimeSteps {
  readonly from: number;
  readonly width: number;
  readonly count: number;
}

/** Steps over what lies between two times: of `width` milliseconds, or (0) so that there are no more than `wanted`. */
export function timeSteps(first: number, last: number, width: number, wanted: number): TimeSteps {
  if (!Number.isFinite(first) || !Number.isFinite(last)) return { from: 0, width: hour, count: 0 };
  const fits = (step: number, count: number) => (last - first) / step <= count;
  const chosen = width > 0 && fits(width, most) ? width : steps.find((step) => fits(step, wanted));
  const step = chosen ?? Math.ceil((last - first) / wanted / day) * day;
  const shift = new Date(first).getTimezoneOffset() * minute;
  const from = Math.floor((first - shift) / step) * step + shift;
  return { from, width: step, count: Math.floor((last - from) / step) + 1 };
}
