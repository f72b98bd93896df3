import type { JsonSchema } from "../../schema/json-schema.ts";
import { callEnd, callMiddle, callStart } from "./answer.ts";
import { choice, type Expression, type Path, repeat, sequence, text } from "./expression.ts";
import { literal } from "./gbnf.ts";
import { Rules } from "./rules.ts";
import { refuse, SchemaExpressions } from "./schema-expressions.ts";
import type { LocalTool } from "./types.ts";

// Why not node-llama-cpp's own converter: it makes every property required, reads `anyOf` and lists of types as something
// else, and prints what it cannot say. And a schema that accepts nothing never reaches llama.cpp, which can take all the
// memory there is for one.

/** The grammar of JSON that fits a schema. Throws `UnsupportedError` naming the place that no grammar can say. */
export function schemaGrammar(schema: JsonSchema): string {
  const rules = new Rules();
  return finish(rules, json(rules, schema, []));
}

/** The grammar of one tool's arguments, where the beginning of its call is already written. */
export function argumentsGrammar({ name, parameters }: LocalTool): string {
  const rules = new Rules();
  return finish(rules, sequence(text('" "'), json(rules, parameters, [name])));
}

/** The grammar of what follows the first `<tool_call>`: a call of one of the tools, then perhaps more. */
export function callsGrammar(tools: readonly LocalTool[]): string {
  const rules = new Rules();
  return finish(rules, calls(rules, tools));
}

/** The grammar of either: calls, or JSON that fits the schema. */
export function callsOrSchemaGrammar(tools: readonly LocalTool[], schema: JsonSchema): string {
  const rules = new Rules();
  const begun = sequence(text(literal(callStart)), calls(rules, tools));
  return finish(rules, choice([begun, json(rules, schema, [])]));
}

/** What fits a schema; that it may be impossible is found at the end. */
function json(rules: Rules, schema: JsonSchema, path: Path): Expression {
  return rules.need(new SchemaExpressions(rules, schema).expression(schema, path));
}

// A small model may not find an end; nobody wants more calls in one turn.
const mostCalls = 16;

function calls(rules: Rules, tools: readonly LocalTool[]): Expression {
  const one = tools.map(({ name, parameters }) =>
    sequence(text(literal(`${JSON.stringify(name)}${callMiddle}`)), json(rules, parameters, [name])),
  );
  const parts = [text(literal('\n{"name": ')), choice(one), text(literal(callEnd))];
  const call = rules.named(sequence(...parts), []);
  return sequence(call, repeat(sequence(text(literal(`\n${callStart}`)), call), 0, mostCalls - 1));
}

function finish(rules: Rules, root: Expression): string {
  const found = rules.text(root);
  if (found === "too large") return refuse([], "it is too large for a grammar");
  return "grammar" in found ? found.grammar : refuse(found.impossible, "it accepts nothing");
}
