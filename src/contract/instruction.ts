import type { Message } from "../message/parts.ts";
import type { OutputDefinition } from "./provider.ts";

/** The words that ask for JSON, with its schema where there is one. */
export function jsonInstruction({ schema }: OutputDefinition): string {
  if (schema === undefined) return "Answer with one JSON object and nothing else.";
  return `Answer with one JSON object and nothing else: an object that fits this JSON Schema, filled from the conversation, not the schema itself.\n${JSON.stringify(schema)}`;
}

/** The messages with the words that ask for JSON. */
export function withInstruction<M extends object>(
  messages: readonly (Message | M)[],
  output: OutputDefinition,
): readonly (Message | M)[] {
  return withWords(messages, jsonInstruction(output));
}

/**
 * The messages with these words as a system message of its own, after those the prompt begins with. The user's messages
 * stay what and where they are.
 */
export function withWords<M extends object>(
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
