import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { loadHistory, saveHistory } from "../message/history.ts";
import type { Message } from "../message/parts.ts";
import { Misuse } from "./misuse.ts";

/** The conversation that a file keeps; an empty one where there is none. Throws `Misuse`. */
export function readHistory(file: string): Message[] {
  if (!existsSync(file)) return [];
  try {
    return loadHistory(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new Misuse(`${file} holds no conversation: ${(cause as Error).message}`, { cause });
  }
}

/** Keeps it, for its owner alone; what was there before stays whole until it is written. */
export function writeHistory(file: string, messages: readonly Message[]): void {
  const beside = `${file}.${process.pid}.tmp`;
  writeFileSync(beside, `${JSON.stringify(saveHistory(messages))}\n`, { mode: 0o600 });
  renameSync(beside, file);
}
