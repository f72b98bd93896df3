import type { ToolCallDraft } from "../contract/provider.ts";
import { JsonEnd } from "../json/json-end.ts";

// Streamed tool calls come in fragments, and services differ in what a fragment says of the call it belongs to: its index,
// its id, its name, none of them, or a wrong one. One rule for all wires:
//
// - A known id belongs to its call, whatever the index.
// - A fragment without id and name belongs to the call that is open: that of its index, else the latest that is not whole.
// - A fragment with a name and no id goes on with the call of its index that has this name, until that is whole; then it
//   begins a new one.
// - Whole arguments that come again under the same id take the place of those before. Empty ones say nothing.

/** What one event says of a tool call; what it leaves out is `""`. */
export interface CallFragment {
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  /** Text of the arguments to be added, or the arguments themselves. */
  readonly input: string | object;
  /** True for the text of a custom tool, which need not be JSON. */
  readonly free?: boolean;
}

/** The call that a fragment goes on with; `undefined` where it begins a new one. */
export function sameCall(calls: readonly ToolCallDraft[], fragment: CallFragment): ToolCallDraft | undefined {
  const { index, id, name } = fragment;
  const known = callOfId(calls, fragment);
  if (known !== undefined) return known;
  const here = index === undefined ? calls.at(-1) : calls.findLast((call) => hasIndex(call, index));
  if (here !== undefined && (id === "" ? goesOn : joins)(here, fragment)) return here;
  const last = calls.at(-1);
  if (id !== "" || name !== "") return last !== undefined && isMiddle(last, fragment) ? last : undefined;
  // What no call is open for, and what is no blank either, is shown as a call of its own, which nobody offered.
  return calls.findLast((call) => !isWhole(call)) ?? here ?? (isBlank(fragment.input) ? last : undefined);
}

/** The call whose id a fragment has; all that tells, where a wire has an event of its own for the begin of a call. */
export function callOfId(calls: readonly ToolCallDraft[], fragment: CallFragment): ToolCallDraft | undefined {
  const { id } = fragment;
  return id === "" ? undefined : calls.findLast((call) => call.id === id && mayBe(call, fragment));
}

/** False where an id stands for several calls: of several tools, or with arguments that are whole each, and not the same. */
function mayBe(call: ToolCallDraft, { index, name, input }: CallFragment): boolean {
  if (name === "" || call.name === "" || hasIndex(call, index)) return true;
  if (call.name !== name) return false;
  if (index === undefined) return true;
  if (isEmpty(call.input) || isEmpty(input) || !isWhole(call)) return true;
  return isSame(call.input, input) || (typeof input === "string" && !new JsonEnd().push(input).whole);
}

// The further indexes that a call's id came under.
const furtherIndexes = new WeakMap<ToolCallDraft, Set<number>>();

/** True for the index a call began under, and for one that its id came under since. */
export function hasIndex(call: ToolCallDraft, index: number | undefined): boolean {
  if (index === undefined) return false;
  return call.key === index || furtherIndexes.get(call)?.has(index) === true;
}

/** True for a fragment without an id that belongs to the call of its index. */
function goesOn(here: ToolCallDraft, { name, input }: CallFragment): boolean {
  if (!isWhole(here)) return name === "" || here.name === "" || here.name === name;
  return name === "" && isSame(here.input, input);
}

/** True for a fragment with an id that is new and that belongs to the call of its index all the same. */
function joins(here: ToolCallDraft, fragment: CallFragment): boolean {
  const { name, input } = fragment;
  // Some relays make a new id for every piece.
  if (here.id !== "") return name === "" && !isBlank(input) && here.name !== "" && !isWhole(here);
  // The id comes late.
  return goesOn(here, fragment) || (name === "" && isBlank(input));
}

/** True for text that no arguments begin with, while a call of this name is open. */
function isMiddle(call: ToolCallDraft, { name, input, free }: CallFragment): boolean {
  if (free || typeof input !== "string" || isBlank(input) || isBlank(call.input) || isWhole(call)) return false;
  return (name === "" || name === call.name) && !input.trimStart().startsWith("{");
}

function isBlank(input: string | object): boolean {
  return typeof input === "string" && input.trim() === "";
}

/** Begins a call, which the fragment is still to be added to. */
export function beginCall(calls: ToolCallDraft[], { index, id, name }: CallFragment): ToolCallDraft {
  // A call is whole once the next has begun and its arguments are; fragments of several may come in turns. Empty arguments
  // may be a placeholder, and no call overtakes one before it.
  const open = calls.at(-1);
  if (open !== undefined && calls.at(-2)?.complete !== false) open.complete ||= isWhole(open) && !isEmpty(open.input);
  const call = { key: index ?? calls.length, id, name, input: "", delta: "", complete: false };
  calls.push(call);
  return call;
}

/** Adds a fragment to its call. */
export function addToCall(call: ToolCallDraft, fragment: CallFragment): void {
  // Some relays make a new id for every piece: the first is the one that was told.
  if (call.id === "") call.id = fragment.id;
  if (fragment.id !== "" && fragment.index !== undefined && !hasIndex(call, fragment.index)) {
    furtherIndexes.set(call, (furtherIndexes.get(call) ?? new Set()).add(fragment.index));
  }
  // Most services name the call once; those that repeat it repeat it whole.
  if (call.name === "") call.name = fragment.name;
  const { input } = fragment;
  if (fragment.free && typeof input === "string") append(call, input);
  else if (typeof input === "object") {
    if (!isEmpty(input) || isEmpty(call.input)) call.input = input;
  } else addText(call, input, fragment.id !== "");
}

function addText(call: ToolCallDraft, text: string, hasId: boolean): void {
  if (!isWhole(call)) {
    append(call, text);
    // It may be a placeholder: who watches the arguments grow is told when more is known.
    if (call.input === "{}") call.delta = call.delta.slice(0, -text.length);
  } else if (isEmpty(text) || isSame(call.input, text)) return;
  else if (isEmpty(call.input)) {
    restart(call, text);
    call.delta += text;
  } else if (hasId && text.trimStart().startsWith("{")) restart(call, text);
  // Two wholes and no word of which is meant: no JSON, which whoever reads the arguments is told.
  else append(call, text);
}

function isSame(...inputs: readonly [string | object, string | object]): boolean {
  const [one, other] = inputs.map((input) => (typeof input === "string" ? input : JSON.stringify(input)).trim());
  return one === other;
}

function append(call: ToolCallDraft, text: string): void {
  call.input = (typeof call.input === "string" ? call.input : JSON.stringify(call.input)) + text;
  call.delta += text;
  endings.get(call)?.push(text);
}

function restart(call: ToolCallDraft, text: string): void {
  call.input = text;
  endings.delete(call);
}

/** True for arguments that say nothing: `{}`. */
export function isEmpty(input: string | object): boolean {
  if (typeof input === "object") return Object.keys(input).length === 0;
  return input.length < 64 && /^\s*(\{\s*\})?\s*$/.test(input);
}

// How far the text of each call was looked at.
const endings = new WeakMap<ToolCallDraft, JsonEnd>();

/** True for a call whose arguments are whole. */
export function isWhole(call: ToolCallDraft): boolean {
  if (typeof call.input === "object") return true;
  const known = endings.get(call);
  if (known !== undefined) return known.whole;
  const ending = new JsonEnd().push(call.input);
  endings.set(call, ending);
  return ending.whole;
}
