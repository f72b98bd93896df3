import type { Json, Said, Turn } from "../lane.ts";

/** A text in pieces of so many characters; none for an empty one. */
export function cut(text: string, size = 4): string[] {
  const characters = [...text];
  const pieces: string[] = [];
  for (let start = 0; start < characters.length; start += size) {
    pieces.push(characters.slice(start, start + size).join(""));
  }
  return pieces;
}

/** Why it stops, unless that is said. */
export function finishOf({ finish, toolCalls }: Said): NonNullable<Said["finish"]> {
  return finish ?? (toolCalls?.length ? "tool_calls" : "stop");
}

/** Arguments as the object some wires have; what is no object stays what it is. */
export function parsed(args: string): unknown {
  return args === "" ? {} : JSON.parse(args);
}

/** A turn with nothing but what is given. */
export function turn(role: Turn["role"], more: Partial<Turn> = {}): Turn {
  return { role, text: "", calls: [], results: [], ...more };
}

/** Turns of which results that follow one another are one, as is what the model said in several pieces. */
export function merged(turns: readonly Turn[]): Turn[] {
  const all: Turn[] = [];
  for (const next of turns) {
    const last = all.at(-1);
    if (last === undefined || last.role !== next.role || (next.role !== "tool" && next.role !== "assistant")) {
      all.push(next);
      continue;
    }
    const { role, text, calls, results } = last;
    all[all.length - 1] = {
      role,
      text: text + next.text,
      calls: [...calls, ...next.calls],
      results: [...results, ...next.results],
    };
  }
  return all;
}

/** The text of a content that is a string or a list of parts with a `text` each. */
export function textIn(content: unknown): string {
  if (typeof content === "string") return content;
  return listIn(content)
    .map(({ text }) => (typeof text === "string" ? text : ""))
    .join("");
}

export function listIn(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}
