import type { Kind, Mark, Status } from "../protocol.ts";

const none = "–";

/** `340 ms`, `1.24 s`, `2 m 05 s`. */
export function durationText(ms: number): string {
  if (Number.isNaN(ms)) return none;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")} m`;
}

/** `$0.0123`, `$12.40`: so many digits that the first two that count are seen. */
export function moneyText(usd: number): string {
  if (Number.isNaN(usd)) return none;
  if (usd === 0) return "$0";
  const digits = usd >= 1 ? 2 : Math.min(10, 1 - Math.floor(Math.log10(usd)) + 1);
  return `$${usd.toLocaleString("en-US", { minimumFractionDigits: Math.min(2, digits), maximumFractionDigits: digits })}`;
}

/** What a run has cost; `≥` where there may be more. */
export function costText(cost: number, atLeast: boolean): string {
  if (Number.isNaN(cost) || (atLeast && cost === 0)) return none;
  return `${atLeast ? "≥ " : ""}${moneyText(cost)}`;
}

export function numberText(value: number): string {
  return Number.isNaN(value) ? none : value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** `980`, `12.4k`, `3.1M`. */
export function shortNumber(value: number): string {
  if (Number.isNaN(value)) return none;
  for (const [unit, sign] of [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (value >= unit) return `${(value / unit).toFixed(value / unit < 10 ? 2 : value / unit < 100 ? 1 : 0)}${sign}`;
  }
  return String(Math.round(value));
}

export function tokensText(input: number, output: number): string {
  return !(input > 0) && !(output > 0) ? none : `${shortNumber(input)} → ${shortNumber(output)}`;
}

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const minutes = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const whole = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** `14:03:22`, with the day before it where it is not today's. */
export function timeText(at: number): string {
  if (Number.isNaN(at)) return none;
  return isToday(at) ? time.format(at) : `${day.format(at)} ${minutes.format(at)}`;
}

export function wholeTimeText(at: number): string {
  return Number.isNaN(at) ? none : whole.format(at);
}

/** How a time is written at an axis whose steps are so many milliseconds. */
export function axisTime(at: number, width: number): string {
  if (width >= 86_400_000) return day.format(at);
  return width >= 60_000
    ? isToday(at)
      ? minutes.format(at)
      : `${day.format(at)} ${minutes.format(at)}`
    : time.format(at);
}

export function stretchText(width: number): string {
  const units = [
    [86_400_000, "day"],
    [3_600_000, "hour"],
    [60_000, "minute"],
    [1000, "second"],
  ] as const;
  const [unit, name] = units.find(([unit]) => width >= unit) ?? [1000, "second"];
  const count = Math.round(width / unit);
  return count === 1 ? `1 ${name}` : `${count} ${name}s`;
}

function isToday(at: number): boolean {
  return new Date(at).toDateString() === new Date().toDateString();
}

export const statusText: Readonly<Record<Status, string>> = {
  ok: "done",
  error: "failed",
  left: "left",
  running: "running",
};

export const kindText: Readonly<Record<Kind, string>> = {
  run: "loop",
  call: "call",
  request: "request",
  tool: "tool",
};

export const markText: Readonly<Record<Mark, string>> = {
  retried: "retried",
  cached: "from a cache",
  streamed: "streamed",
};

/** A model without its provider. */
export function modelText(model: string): string {
  return model.slice(model.indexOf("/") + 1);
}

export function counted(count: number, noun: string): string {
  return `${numberText(count)} ${noun}${count === 1 ? "" : "s"}`;
}
