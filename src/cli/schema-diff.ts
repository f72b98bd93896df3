import { jsonEqual } from "../schema/json-schema.ts";
import { isRecord } from "./is-record.ts";

/** One difference between two JSON Schemas: where, by the names of properties, and what. */
export interface SchemaChange {
  readonly place: string;
  readonly message: string;
}

/** What changed from one JSON Schema to another, a sentence each. */
export function schemaChanges(before: unknown, after: unknown): SchemaChange[] {
  const changes: SchemaChange[] = [];
  compare(before, after, [], changes);
  return changes;
}

type Path = readonly string[];

function compare(before: unknown, after: unknown, path: Path, changes: SchemaChange[]): void {
  const note = (message: string, at: Path = path) => changes.push({ place: at.join("."), message });
  if (!isRecord(before) || !isRecord(after)) {
    if (!jsonEqual(before, after)) note(`${short(before)} -> ${short(after)}`);
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, now] = [before[key], after[key]];
    if (key === "properties" || key === "$defs" || key === "definitions") {
      compareMembers(key, before, after, path, changes);
    } else if (key === "required") compareRequired(before, after, note);
    else if (key === "enum") compareEnum(old, now, note);
    else if (key === "items" || key === "additionalProperties") {
      if (isRecord(old) && isRecord(now)) compare(old, now, [...path, key === "items" ? "[]" : "*"], changes);
      else if (!jsonEqual(old, now)) note(keywordChange(key, old, now));
    } else if (Array.isArray(old) && Array.isArray(now) && old.every(isRecord) && now.every(isRecord)) {
      for (let at = 0; at < Math.max(old.length, now.length); at++) {
        const here = [...path, `${key}[${at}]`];
        if (at >= old.length) note(`is new: ${short(now[at])}`, here);
        else if (at >= now.length) note("is gone", here);
        else compare(old[at], now[at], here, changes);
      }
    } else if (!jsonEqual(old, now)) note(keywordChange(key, old, now));
  }
}

function compareMembers(
  key: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  path: Path,
  changes: SchemaChange[],
): void {
  const old = isRecord(before[key]) ? before[key] : {};
  const now = isRecord(after[key]) ? after[key] : {};
  const place = (name: string) => (key === "properties" ? [...path, name] : [...path, `${key}/${name}`]);
  const required = Array.isArray(after.required) ? after.required : [];
  for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const at = place(name);
    if (!Object.hasOwn(now, name)) changes.push({ place: at.join("."), message: "is gone" });
    else if (!Object.hasOwn(old, name)) {
      const optional = key !== "properties" ? "" : required.includes(name) ? ", required" : ", optional";
      changes.push({ place: at.join("."), message: `is new${optional}: ${short(now[name])}` });
    } else compare(old[name], now[name], at, changes);
  }
  const kept = (of: object, other: object) => Object.keys(of).filter((name) => Object.hasOwn(other, name));
  if (kept(old, now).join("\n") !== kept(now, old).join("\n")) {
    changes.push({ place: path.join("."), message: `${key} stand in another order: ${Object.keys(now).join(", ")}` });
  }
}

function compareRequired(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  note: (message: string) => void,
): void {
  const listOf = ({ required }: Record<string, unknown>) => (Array.isArray(required) ? required.map(String) : []);
  const has = ({ properties }: Record<string, unknown>, name: string) =>
    isRecord(properties) && Object.hasOwn(properties, name);
  const [old, now] = [listOf(before), listOf(after)];
  // Of a property that came or went enough is said already.
  for (const name of now) if (!old.includes(name) && has(before, name)) note(`"${name}" is required now`);
  for (const name of old) if (!now.includes(name) && has(after, name)) note(`"${name}" is optional now`);
}

function compareEnum(before: unknown, after: unknown, note: (message: string) => void): void {
  if (!Array.isArray(before) || !Array.isArray(after)) {
    if (!jsonEqual(before, after)) note(keywordChange("enum", before, after));
    return;
  }
  const lacks = (list: readonly unknown[], value: unknown) => !list.some((other) => jsonEqual(other, value));
  const gone = before.filter((value) => lacks(after, value));
  const added = after.filter((value) => lacks(before, value));
  if (gone.length > 0) note(`may no longer be ${gone.map(short).join(", ")}`);
  if (added.length > 0) note(`may also be ${added.map(short).join(", ")}`);
  if (gone.length + added.length === 0 && !jsonEqual(before, after)) note("its values stand in another order");
}

function keywordChange(key: string, before: unknown, after: unknown): string {
  if (before === undefined) return `${key} ${short(after)} is new`;
  if (after === undefined) return `${key} ${short(before)} is gone`;
  return `${key} ${short(before)} -> ${short(after)}`;
}

/** A value as a line can hold it. */
export function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
