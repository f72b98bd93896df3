import { textOf } from "../message/message.ts";
import { parseTemplate, renderTemplate } from "../template/template.ts";
import type { Tool } from "./tool.ts";
import { ToolError } from "./tool-error.ts";

/** A tool under a toolkit's namespace. */
export type Namespaced<Namespace extends string, T extends Tool> =
  T extends Tool<infer Name, infer Args, infer Output>
    ? Tool<Namespace extends "" ? Name : `${Namespace}_${Name}`, Args, Output>
    : never;

/** What `toolkit` takes. */
export interface ToolkitOptions<Namespace extends string, State extends object, Tools extends readonly Tool[]> {
  /** Put before every tool's name, with a `_` between. None by default. */
  readonly namespace?: Namespace;
  /** What the tools share. It is yours: the tools see it as it is when they run. */
  readonly state: State;
  /** Makes the tools; each must have a description, which is a template over the state: `"Books for a {level} reader"`. */
  readonly tools: (state: State) => Tools;
}

/** Tools that share a state. */
export interface Toolkit<Namespace extends string, State extends object, Tools extends readonly Tool[]> {
  readonly state: State;
  /** The tools with their descriptions as the state is now. Call it for every request, so that they are fresh. */
  tools(): { readonly [Index in keyof Tools]: Namespaced<Namespace, Tools[Index]> };
}

/**
 * Makes tools that share a state and a namespace. Descriptions are rendered from the state whenever `tools()` is called.
 * Throws `ToolError` for a tool without a description, one whose template names what the state does not have, and when
 * there is no tool at all.
 */
export function toolkit<State extends object, const Tools extends readonly Tool[], const Namespace extends string = "">(
  options: ToolkitOptions<Namespace, State, Tools>,
): Toolkit<Namespace, State, Tools> {
  const { namespace = "", state, tools } = options;
  const create = () => {
    const made = tools(state);
    if (made.length === 0)
      throw new ToolError("invalid_tool", "A toolkit needs at least one tool.", { toolName: namespace });
    return made.map((one) => namespaced(namespace, one, state));
  };
  // What is wrong with a toolkit is said where it is made, not at its first request.
  create();
  // The names are built here as `Namespaced` builds their types.
  return { state, tools: create as unknown as Toolkit<Namespace, State, Tools>["tools"] };
}

function namespaced(namespace: string, one: Tool, state: object): Tool {
  const name = namespace === "" ? one.name : `${namespace}_${one.name}`;
  if (one.description === undefined || one.description === "") {
    throw new ToolError("invalid_tool", `The tool "${name}" of a toolkit needs a description.`, { toolName: name });
  }
  return { ...one, name, description: render(name, one.description, state) };
}

function render(toolName: string, description: string, state: object): string {
  try {
    const messages = renderTemplate(parseTemplate(description), { ...state });
    return messages.map(({ content }) => textOf(content)).join("\n");
  } catch (cause) {
    const message = `The description of the tool "${toolName}" cannot be rendered: ${(cause as Error).message}`;
    throw new ToolError("invalid_tool", message, { toolName }, { cause });
  }
}
