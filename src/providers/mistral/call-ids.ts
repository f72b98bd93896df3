import { createHash } from "node:crypto";
import type { ToolCallPart, ToolResultPart } from "../../message.ts";
import type { MistralTypes } from "./provider.ts";

/** The id of a tool call; `""` where the API gave none, which the SDK writes as the text "null". */
export function callId({ id = "null" }: MistralTypes["ToolCall"]): string {
  return id === "null" ? "" : id;
}

/**
 * Gives the tool calls of a conversation ids that the API takes, and every result the id of its call. The API's own
 * calls keep theirs; of those that come from elsewhere it takes only 9 letters and digits (error 3280):
 * https://mistralai.github.io/mistral-common/usage/tools/#tool-calling-and-messages
 */
export class CallIds {
  #open: { readonly id: string; readonly name: string; readonly sent: string }[] = [];
  #count = 0;

  /** Takes note of a turn that is sent as it is. */
  keep(message: MistralTypes["Message"]): void {
    if (message.role !== "assistant" || !Array.isArray(message.toolCalls)) return;
    this.#open = message.toolCalls.map((call) => {
      return { id: callId(call), name: call.function?.name, sent: call.id ?? "null" };
    });
  }

  /** The ids of the calls of one turn. */
  ofCalls(calls: readonly ToolCallPart[]): readonly string[] {
    this.#open = calls.map(({ id, name }) => ({ id, name, sent: toId(id === "" ? `${name} ${this.#count++}` : id) }));
    return this.#open.map(({ sent }) => sent);
  }

  /** The id of the call that a result belongs to; where calls have no ids, those of one name are answered in order. */
  ofResult({ id, name }: ToolResultPart): string {
    const at = this.#open.findIndex((call) => call.id === id && (id !== "" || call.name === name));
    return at === -1 ? toId(id) : (this.#open.splice(at, 1)[0]?.sent ?? "");
  }
}

function toId(id: string): string {
  if (/^[a-zA-Z0-9]{9}$/.test(id)) return id;
  return createHash("sha256").update(id).digest("base64url").replace(/[-_]/g, "").slice(0, 9);
}
