import type { MistralTypes } from "./types.ts";

// The SDK writes this text where the API gave a call no id.
const none = "null";

/** The id of a tool call; `""` where the API gave none. */
export function readId({ id }: MistralTypes["ToolCall"]): string {
  return id === undefined || id === none ? "" : id;
}

/** The id a result is sent with: that of its call, as the SDK sends the call back. */
export function toId(id: string): string {
  return id === "" ? none : id;
}
