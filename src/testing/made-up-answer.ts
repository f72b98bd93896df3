import { ConfigError } from "../errors/errors.ts";
import { listIssues } from "../errors/issue.ts";
import { type StandardSchemaV1, toJsonSchema, validate } from "../schema/schema.ts";
import type { AnswerParts } from "./answer.ts";
import { madeUp } from "./made-up.ts";
import { madeUpProse } from "./made-up-text.ts";
import type { OwnRequest } from "./own-request.ts";
import { Random } from "./random.ts";

/**
 * What an answer says where nobody said it: calls of all tools that are offered, with arguments that fit; after their
 * results, or without tools, a value that fits the response model; else a sentence or two. The same for the same seed
 * and request. Throws `ConfigError` where nothing that fits can be made.
 */
export async function madeUpAnswer(request: OwnRequest, seed: string): Promise<AnswerParts> {
  const { tools, output, neutral } = request.origin.plan;
  const random = new Random(
    `${seed}/${JSON.stringify(neutral.messages.length)}/${JSON.stringify(request.prepared.request)}`,
  );
  const asksTools = tools.length > 0 && !endsInResults(neutral.messages);
  // A call that asks for a value gets it; within a loop its tools come first.
  if (asksTools && (output === undefined || request.purpose === "step")) {
    const calls = tools.map(async ({ name, parameters }) => {
      const args = await fitting(parameters, random.at(name), `the arguments of the tool "${name}"`);
      return { name, args: args as object };
    });
    return { toolCalls: await Promise.all(calls) };
  }
  if (output === undefined) return { text: madeUpProse(random) };
  if (output.schema === undefined) return { value: {} };
  return { value: await fitting(output.schema, random, "a value of the response model") };
}

/** How often another value is tried where a validator knows more than its JSON Schema says. */
const tries = 50;

async function fitting(schema: StandardSchemaV1, random: Random, what: string): Promise<unknown> {
  const json = toJsonSchema(schema);
  let said = "";
  for (let index = 0; index < tries; index++) {
    const value = madeUp(json, random.at(String(index)));
    const { issues } = await validate(schema, value);
    if (issues === undefined) return value;
    said = listIssues(issues);
  }
  throw new ConfigError(
    `fake() cannot make up ${what}: of ${tries} tries none fits (${said}). Give it by answer({ value }) or answer({ toolCalls }).`,
  );
}

/** True where the conversation ends in results of tools, in neutral form or in any provider's own. */
function endsInResults(messages: readonly object[]): boolean {
  const last = messages.at(-1) as Readonly<Record<string, unknown>> | undefined;
  if (last === undefined) return false;
  if (last.role === "tool" || last.type === "function_call_output") return true;
  const parts: readonly unknown[] = [last.content, last.parts].find(Array.isArray) ?? [];
  return parts.some((part) => {
    if (typeof part !== "object" || part === null) return false;
    return "toolResult" in part || "functionResponse" in part || Reflect.get(part, "type") === "tool_result";
  });
}
