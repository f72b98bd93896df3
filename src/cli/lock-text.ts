import { styleText } from "node:util";
import { counted } from "./counted.ts";
import type { Difference } from "./lock-diff.ts";

/** What became of one file, or with `--check` would. */
export interface Locked {
  readonly file: string;
  readonly call: string;
  /** The module that exports the call, and the line; the file itself where there is no call. */
  readonly source: string;
  readonly line: number;
  readonly status: "same" | "changed" | "new" | "gone";
  readonly differences: readonly Difference[];
}

const colours = { "-": "red", "+": "green", " ": "gray" } as const;

/** What a person reads of it: what changed, then how many did. */
export function lockText(locked: readonly Locked[], check: boolean): string {
  const changed = locked.filter(({ status }) => status !== "same");
  const texts = changed.map((one) => changeText(one, check));
  const found = changed.length === 0 ? "" : ", run callscope lock and commit what it writes";
  const closing = check
    ? `${counted(locked.length, "call")}, ${changed.length} not as their files say${found}.\n`
    : `${counted(locked.length, "file")}, ${locked.length - changed.length} unchanged.\n`;
  return [...texts, closing].join("\n");
}

/** The same of one file. Colours are for a terminal alone. */
export function changeText({ call, file, status, differences }: Locked, check: boolean): string {
  const became = check
    ? {
        changed: `is not what ${file} says`,
        new: `is not locked: there is no ${file}`,
        gone: `has ${file}, but is gone`,
      }
    : { changed: `${file} is written anew`, new: `${file} is written`, gone: `${file} is removed: its call is gone` };
  const lines = [`${call}: ${status === "same" ? "unchanged" : became[status]}`];
  let sample: string | undefined;
  for (const difference of joined(differences)) {
    if (difference.sample !== sample && difference.sample !== undefined) lines.push(`  ${difference.sample}`);
    sample = difference.sample;
    const indent = sample === undefined ? "  " : "    ";
    lines.push(`${indent}${difference.message}${difference.lines === undefined ? "" : ":"}`);
    for (const { sign, text } of difference.lines ?? []) {
      lines.push(`${indent}  ${styleText(colours[sign], `${sign} ${text}`.trimEnd())}`);
    }
  }
  if (status === "changed" && differences.length === 0)
    lines.push("  the file was edited by hand, or made by another version");
  return `${lines.join("\n")}\n`;
}

/** Tokens and costs in one line: +412 tokens, +$0.0021 a call. */
function joined(differences: readonly Difference[]): Difference[] {
  const lines: Difference[] = [];
  for (const difference of differences) {
    const last = lines.at(-1);
    if (difference.kind !== "estimate" || last?.kind !== "estimate" || last.sample !== difference.sample) {
      lines.push(difference);
    } else lines[lines.length - 1] = { ...last, message: `${last.message}, ${difference.message}` };
  }
  return lines;
}
