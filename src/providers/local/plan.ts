import { ConfigError, UnsupportedError } from "../../errors/errors.ts";
import { type AnswerStart, callMiddle, callStart } from "./answer.ts";
import { checkGrammar } from "./gbnf-check.ts";
import { argumentsGrammar, callsGrammar, callsOrSchemaGrammar, schemaGrammar } from "./grammar.ts";
import type { LocalRequest, LocalTool } from "./types.ts";

/** What the answer to a request is bound to. */
export interface AnswerPlan {
  /** The tools the prompt declares. */
  readonly shownTools: readonly LocalTool[];
  /** Written into the answer's beginning for the model. */
  readonly prefill: string;
  /** Holds from the first token on. */
  readonly grammar: string | undefined;
  /** Holds from the moment the model begins to call a tool. */
  readonly callGrammar: string | undefined;
  /** True where the model has no choice but to answer in a given form. */
  readonly bound: boolean;
  readonly start: AnswerStart;
}

/**
 * How a request is answered. Throws `ConfigError` for parameters that contradict each other or a grammar that cannot be
 * read, `UnsupportedError` for a schema no grammar can say.
 */
export function planAnswer(request: LocalRequest): AnswerPlan {
  const { responseSchema, grammar, toolChoice = "auto" } = request;
  const tools = toolChoice === "none" ? [] : (request.tools ?? []);
  if (grammar !== undefined && (responseSchema !== undefined || tools.length > 0)) {
    throw new ConfigError("local: `grammar` excludes tools and a schema: each of them is a grammar of its own.");
  }
  if (grammar !== undefined) checkGrammar(grammar);
  const free = {
    shownTools: tools,
    prefill: "",
    callGrammar: undefined,
    bound: true,
    start: { kind: "text", tools: tools.length > 0 },
  } as const;
  if (tools.length === 0) {
    if (typeof toolChoice === "object" || toolChoice === "required") noTool(toolChoice);
    const bound = responseSchema === undefined ? grammar : schemaGrammar(responseSchema);
    return { ...free, grammar: bound, bound: bound !== undefined };
  }
  if (toolChoice === "required" || typeof toolChoice === "object") {
    if (responseSchema !== undefined) {
      throw new ConfigError("local: a forced tool call leaves no room for an answer in `responseSchema`.");
    }
    return { ...free, ...forced(tools, toolChoice) };
  }
  if (responseSchema !== undefined) return { ...free, grammar: callsOrSchemaGrammar(tools, responseSchema) };
  return { ...free, grammar: undefined, callGrammar: callsGrammar(tools), bound: false };
}

function forced(tools: readonly LocalTool[], choice: "required" | { readonly name: string }) {
  const only = choice === "required" ? (tools.length === 1 ? tools[0] : undefined) : named(tools, choice);
  if (only === undefined) {
    return { prefill: callStart, grammar: callsGrammar(tools), start: { kind: "call" } as const };
  }
  // What the choice has decided already need not be generated. The space before the arguments is left to the grammar,
  // as it belongs to the token after it.
  const prefill = `${callStart}\n{"name": ${JSON.stringify(only.name)}${callMiddle.trimEnd()}`;
  return { prefill, grammar: argumentsGrammar(only), start: { kind: "arguments", name: only.name } as const };
}

function named(tools: readonly LocalTool[], { name }: { readonly name: string }): LocalTool {
  return tools.find((tool) => tool.name === name) ?? noTool({ name }, tools);
}

function noTool(choice: "required" | { readonly name: string }, tools: readonly LocalTool[] = []): never {
  const wanted = choice === "required" ? "a tool" : `the tool "${choice.name}"`;
  const offered = tools.map(({ name }) => name).join(", ") || "none";
  throw new UnsupportedError(
    "local",
    "toolChoice",
    `local was asked to call ${wanted}; the tools offered are: ${offered}.`,
  );
}
