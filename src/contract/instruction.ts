import type { Message } from "../message/parts.ts";
import type { OutputDefinition } from "./provider.ts";

/** The words that ask for JSON, with its schema where there is one. */
export function jsonInstruction({ schema, instruction }: OutputDefinition): string {
  if (schema === undefined) return "Answer with one JSON object and nothing else.";
  const usual =
    "Answer with one JSON object and nothing else: an object that fits this JSON Schema, filled from the conversation, not the schema itself.";
  return `${instruction ?? usual}\n${JSON.stringify(schema)}`;
}

/** The words that ask for a call of the tool that takes the answer, where no tool can be forced. */
export function toolInstruction(name: string, alone: boolean): string {
  if (alone) return `Answer only by calling the tool "${name}".`;
  return `Answer only by calling a tool; "${name}" is the one that takes the answer.`;
}

/** The messages with the words that ask for JSON. */
export function withInstruction<M extends object>(
  messages: readonly (Message | M)[],
  output: OutputDefinition,
): readonly (Message | M)[] {
  return withSystem(messages, jsonInstruction(output));
}

/**
 * The messages with these words as a system message of its own, after those the prompt begins with. The user's messages
 * stay what and where they are.
 */
export function withSystem<M extends object>(
  messages: readonly (Message | M)[],
  content: string,
): readonly (Message | M)[] {
  const first = messages.findIndex((message) => {
    const { role } = message as { role?: unknown };
    return role !== "system" && role !== "developer";
  });
  const at = first === -1 ? messages.length : first;
  return [...messages.slice(0, at), { role: "system", content }, ...messages.slice(at)];
}
