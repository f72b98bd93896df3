import type { Provider, ProviderTypes, ToolDefinition } from "../contract/provider.ts";
import { UnsupportedError } from "../errors/errors.ts";
import { prepareSchema } from "../schema/schema.ts";
import { toStrictSchema } from "../schema/strict-schema.ts";
import { withProperties } from "../schema/wrap.ts";
import { invalidTool, type Tool } from "./tool.ts";

interface Converted {
  readonly definition: ToolDefinition;
  readonly restore: (args: unknown) => unknown;
}

// A tool's schema is converted once; the tool itself is the key, so nothing is kept beyond it.
export const conversions = new WeakMap<Tool, Converted>();

/** The tools' definitions as providers take them; each schema is converted once. Throws on two tools of one name. */
export async function defineTools(
  tools: readonly Tool[],
  provider: Pick<Provider<ProviderTypes>, "name" | "cachesTools">,
): Promise<readonly ToolDefinition[]> {
  const names = new Set<string>();
  for (const { name, cache } of tools) {
    if (names.has(name))
      throw invalidTool(name, `Two tools are named "${name}": a call's tools need names of their own.`);
    if (cache && !provider.cachesTools) {
      const message = `${provider.name} has no prompt cache for tools: leave out \`cache\` of the tool "${name}".`;
      throw new UnsupportedError(provider.name, "tool cache", message);
    }
    names.add(name);
  }
  const definitions: ToolDefinition[] = [];
  for (const tool of tools) definitions.push((conversions.get(tool) ?? (await convertTool(tool))).definition);
  return definitions;
}

async function convertTool(tool: Tool): Promise<Converted> {
  const { name, description, parameters, strict, cache } = tool;
  const plain = await prepareSchema(parameters);
  if (plain.type !== "object")
    throw invalidTool(name, `The parameters of the tool "${name}" must be an object schema.`);
  const { schema, restore } = strict
    ? toStrictSchema(plain, { provider: `the strict tool "${name}"` })
    : { schema: withProperties(plain), restore: (args: unknown) => args };
  const converted = {
    definition: { name, description: description ?? plain.description, schema, strict, ...(cache && { cache }) },
    restore,
  };
  conversions.set(tool, converted);
  return converted;
}
