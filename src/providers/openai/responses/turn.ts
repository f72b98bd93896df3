import { changed, type Note } from "../../../contract/changes.ts";
import { mendArguments } from "../../../json/arguments.ts";
import type { AssistantTurn, OpenAIResponsesTypes } from "./types.ts";

type Item = AssistantTurn["output"][number];
type Message = OpenAIResponsesTypes["Message"];

/**
 * A turn of the model, or an item of one, as the API takes it back: arguments as JSON. `undefined` for a turn that says
 * nothing: "Item of type 'reasoning' was provided without its required following item".
 */
export function mendTurn(message: Message, note: Note): Message | undefined {
  if (!isTurn(message)) return isCall(message) ? mendItem(message, note) : message;
  const { output } = message;
  if (!output.some(speaks)) {
    note(changed.silent);
    return undefined;
  }
  const items = output.map((item) => (isCall(item) ? mendItem(item, note) : item));
  return items.every((item, index) => item === output[index]) ? message : { ...message, output: items };
}

function isTurn(message: Message): message is AssistantTurn {
  return "output" in message && Array.isArray(message.output) && "role" in message && message.role === "assistant";
}

function speaks(item: Item): boolean {
  if (item?.type === "reasoning") return false;
  if (item?.type !== "message") return true;
  return item.content?.some((part) => part.type !== "output_text" || part.text !== "") ?? false;
}

type Call = Extract<Item, { type: "function_call" }>;

function isCall(item: Message | Item): item is Call {
  return (item as { type?: unknown } | undefined)?.type === "function_call";
}

function mendItem(item: Call, note: Note): Call {
  const text = mendArguments(item.arguments ?? "");
  if (text === item.arguments) return item;
  note(changed.arguments);
  return { ...item, arguments: text };
}
