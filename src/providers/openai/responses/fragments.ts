import type { Draft, ToolCallDraft } from "../../../contract/provider.ts";
import {
  addToCall,
  beginCall,
  type CallFragment,
  callOfId,
  isEmpty,
  sameCall,
} from "../../../dialects/call-fragments.ts";
import { inputOf, isCall, readToolCall } from "./read.ts";
import type { OpenAIResponsesTypes as P } from "./types.ts";

export type Item = P["Response"]["output"][number];

/** Where an event says that it belongs. */
export interface Place {
  readonly output_index: number;
  readonly item_id?: string;
}

/** The response that is being received. */
export function bodyOf(draft: Draft<P>): P["Response"] {
  // A stream that does not open with its response; what the type demands further comes with the last event.
  draft.response ??= {
    object: "response",
    status: "in_progress",
    output: [],
    output_text: "",
  } as unknown as P["Response"];
  return draft.response;
}

interface Folding {
  /** The place in the list of the items of each index; it is the index, but for one that was used twice. */
  readonly places: Map<number, number>;
  /** The place of each call's item. */
  readonly calls: Map<ToolCallDraft, number>;
  /** The calls by their items' ids; `undefined` for an id of several. */
  readonly byItem: Map<string, ToolCallDraft | undefined>;
  /** The calls whose arguments were streamed, be they empty. */
  readonly told: Set<ToolCallDraft>;
}

// What belongs to a draft and has no place in it; it goes when the draft goes.
const foldings = new WeakMap<Draft<P>, Folding>();

function foldingOf(draft: Draft<P>): Folding {
  const folding: Folding = foldings.get(draft) ?? {
    places: new Map(),
    calls: new Map(),
    byItem: new Map(),
    told: new Set(),
  };
  foldings.set(draft, folding);
  return folding;
}

// Far more items or parts than an answer has; an index beyond it is nonsense that must not allocate.
const most = 4096;

/** False for what is no place in a list, and for one far beyond any answer. */
export function isIndex(index: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < most;
}

/** The item that an index stands for at present. */
export function itemAt(draft: Draft<P>, index: number): Item | undefined {
  return bodyOf(draft).output[placeAt(draft, index)];
}

function placeAt(draft: Draft<P>, index: number): number {
  return foldingOf(draft).places.get(index) ?? index;
}

/** Puts an item where its index says; one that begins at an index of another item has a place of its own. */
export function putItem(draft: Draft<P>, index: number, item: Item, begins: boolean): number {
  const { output } = bodyOf(draft);
  const known = itemAt(draft, index);
  const isOther = known !== undefined && (begins || known.type !== item.type);
  if (isOther) foldingOf(draft).places.set(index, output.length);
  const place = placeAt(draft, index);
  output[place] = item;
  return place;
}

/** Takes a call's item: one that begins, or the whole one at its end. */
export function takeCall(draft: Draft<P>, index: number, item: P["ToolCall"], begins: boolean): void {
  const input = inputOf(item);
  const fragment = { index, id: item.call_id ?? "", name: item.name ?? "", input, free: isFree(item) };
  const here = begins ? undefined : draft.calls.findLast(({ key }) => key === index);
  const isHere = here !== undefined && (here.id === "" || fragment.id === "");
  const known = callOfId(draft.calls, fragment) ?? (isHere ? here : undefined);
  const { calls, byItem } = foldingOf(draft);
  const call = known ?? beginCall(draft.calls, fragment);
  if (known === undefined) calls.set(call, putItem(draft, index, { ...item }, begins));
  // A call that comes again under another index is no item more.
  else foldingOf(draft).places.set(index, calls.get(call) ?? index);
  if (item.id) byItem.set(item.id, byItem.has(item.id) && byItem.get(item.id) !== call ? undefined : call);
  if (begins) add(draft, call, fragment);
  else finish(draft, call, item);
}

function isFree(item: P["ToolCall"]): boolean {
  return item.type === "custom_tool_call";
}

function add(draft: Draft<P>, call: ToolCallDraft, fragment: CallFragment): void {
  addToCall(call, fragment);
  const item = bodyOf(draft).output[foldingOf(draft).calls.get(call) ?? -1];
  if (isCall(item)) setInput(item, call.input);
}

/** Sets the arguments, which the SDK's type has as text: a service that gives an object gets its object. */
function setInput(item: P["ToolCall"], input: string | object): void {
  if (item.type === "function_call") item.arguments = input as string;
  else item.input = input as string;
}

/** A piece of a call's arguments, or of what a custom tool is given. */
export function growCall(draft: Draft<P>, { output_index: index, item_id }: Place, input: string | object): void {
  const named = item_id === undefined ? undefined : foldingOf(draft).byItem.get(item_id);
  const fragment = { index, id: "", name: "", input: input ?? "" };
  const call = named ?? sameCall(draft.calls, fragment);
  if (call === undefined || call.complete) return;
  foldingOf(draft).told.add(call);
  const item = bodyOf(draft).output[foldingOf(draft).calls.get(call) ?? -1];
  add(draft, call, { ...fragment, id: call.id, free: isCall(item) && isFree(item) });
}

/** The whole arguments, at their end. */
export function endInput(draft: Draft<P>, { output_index: index, item_id }: Place, input: string | object): void {
  const named = item_id === undefined ? undefined : foldingOf(draft).byItem.get(item_id);
  const call = named ?? draft.calls.findLast(({ key }) => key === index) ?? draft.calls.at(-1);
  if (call === undefined || call.complete) return;
  foldingOf(draft).told.add(call);
  settle(draft, call, input);
}

/** What is said at the end stands, unless it says nothing. */
function settle(draft: Draft<P>, call: ToolCallDraft, input: string | object = ""): void {
  if (!isEmpty(input) || isEmpty(call.input)) {
    call.delta += remainder(call.input, input);
    call.input = input;
  }
  const item = bodyOf(draft).output[foldingOf(draft).calls.get(call) ?? -1];
  if (isCall(item)) setInput(item, call.input);
}

function finish(draft: Draft<P>, call: ToolCallDraft, item: P["ToolCall"]): void {
  const { calls, told } = foldingOf(draft);
  // What says nothing may be a placeholder until the answer is whole, and no call overtakes one before it.
  const isCertain = isFree(item) || told.has(call) || !isEmpty(inputOf(item));
  const earlier = draft.calls.slice(0, draft.calls.indexOf(call));
  call.complete = isCertain && earlier.every((one) => one.complete || !isEmpty(one.input));
  const place = calls.get(call) ?? -1;
  const isWhole = !isEmpty(inputOf(item)) || isEmpty(call.input);
  // Where nothing can be added to it any more, it is the SDK's own object.
  if (place !== -1) bodyOf(draft).output[place] = call.complete && isWhole ? (item as Item) : { ...(item as Item) };
  if (isWhole) call.delta += remainder(call.input, inputOf(item));
  if (isWhole) call.input = inputOf(item);
  else settle(draft, call);
}

/** Takes the calls of the whole answer, and gives its items with all that is known of their arguments. */
export function endCalls(draft: Draft<P>, output: readonly Item[]): Item[] {
  const known: readonly ToolCallDraft[] = [...draft.calls];
  let at = 0;
  const told = output.map((item) => {
    if (!isCall(item)) return item;
    const [{ id, name, input, native } = { id: "", name: "", input: "", native: item }] = readToolCall(item);
    const fragment = { index: at, id, name, input };
    const call = callOfId(known, fragment) ?? known[at] ?? beginCall(draft.calls, fragment);
    at++;
    const isWhole = !isEmpty(input) || isEmpty(call.input);
    if (isWhole) call.input = input;
    if (isWhole) return item;
    const filled = { ...native };
    setInput(filled, call.input);
    return filled as Item;
  });
  for (const call of draft.calls) call.complete = true;
  return told;
}

/** What a whole has beyond the pieces that were received of it. */
export function remainder(known: string | object, whole: string | object | undefined): string {
  if (typeof whole !== "string" || typeof known !== "string") return "";
  return whole.length > known.length && whole.startsWith(known) ? whole.slice(known.length) : "";
}
