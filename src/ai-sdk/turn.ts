import { changed, type Note } from "../contract/changes.ts";
import { mendInput } from "../json/arguments.ts";
import type { AISDKTypes } from "./types.ts";

type Turn = AISDKTypes["AssistantMessage"];
type TurnPart = Turn["content"][number];
type Content = AISDKTypes["Response"]["content"][number];

/**
 * The answer as it goes back to the model, as the AI SDK itself sends it back: thoughts with what proves them, calls, what
 * the service executed itself, files.
 */
export function toTurn({ content }: AISDKTypes["Response"]): Turn {
  return { role: "assistant", content: content.flatMap(toTurnPart) };
}

function toTurnPart(part: Content): TurnPart[] {
  const options = part.providerMetadata && { providerOptions: part.providerMetadata };
  switch (part.type) {
    case "text":
      return part.text === "" && options === undefined ? [] : [{ type: "text", text: part.text, ...options }];
    case "reasoning":
      return [{ type: "reasoning", text: part.text, ...options }];
    case "tool-call": {
      const { toolCallId, toolName, providerExecuted } = part;
      const executed = providerExecuted !== undefined && { providerExecuted };
      return [{ type: "tool-call", toolCallId, toolName, input: mendInput(part.input), ...executed, ...options }];
    }
    case "tool-result": {
      const { toolCallId, toolName, result, isError } = part;
      const type = isError ? ("error-json" as const) : ("json" as const);
      return [{ type: "tool-result", toolCallId, toolName, output: { type, value: result }, ...options }];
    }
    case "file":
    case "reasoning-file":
      return [{ type: part.type, mediaType: part.mediaType, data: part.data, ...options }];
    case "custom":
      return [{ type: "custom", kind: part.kind, ...options }];
    // Sources and questions for a person are no part of what the model said.
    default:
      return [];
  }
}

/** A turn without empty texts; `undefined` for one that says nothing. Turns other than the assistant's pass. */
export function mendTurn(turn: AISDKTypes["Message"], note: Note): AISDKTypes["Message"] | undefined {
  if (turn.role !== "assistant") return turn;
  const content = turn.content.filter(
    (part) => !(part.type === "text" && part.text.trim() === "" && part.providerOptions === undefined),
  );
  if (!content.some(({ type }) => type !== "reasoning")) {
    note(changed.silent);
    return undefined;
  }
  if (content.length === turn.content.length) return turn;
  note(changed.blank);
  return { ...turn, content };
}
