import type { CallNode } from "../call/combination.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { plainOrDropped } from "../json/plain.ts";
import { planOutput } from "../prepare/output-plan.ts";
import type { Definition } from "../prepare/prepare.ts";
import { isSchema } from "../schema/is-schema.ts";
import { defineTools } from "../tools/define.ts";
import { builtin } from "./builtin.ts";

/** A call, or several in one. */
export type Node = CallNode<ProviderTypes>;

/** What a call is, by part: two calls with the same parts ask the same question in the same way. */
export type CallParts = Readonly<Record<string, string>>;

/** The parts of a call. A prompt that is a function counts by its source text; what it closes over is not seen. */
export async function partsOf(node: Node, kind: "call" | "loop"): Promise<CallParts> {
  if ("legs" in node) {
    const legs = await Promise.all(node.legs.map((leg) => partsOf(leg, kind)));
    const named = legs.flatMap((leg, index) =>
      Object.entries(leg).map(([name, value]): [string, string] => [`${name} of leg ${index}`, value]),
    );
    return { ...Object.fromEntries(named), kind: node.name };
  }
  const { provider, model, prompt, outputParser, tools, callParams, route } = node;
  if (route !== undefined) await route.load(provider);
  return {
    kind: kind === "loop" ? "tool loop" : node.stream ? "stream" : "call",
    provider: provider.name,
    model,
    prompt: textOf([prompt.run?.toString(), prompt.template]),
    metadata: textOf(prompt.metadata),
    schema: await schemaOf(node),
    tools: tools.length === 0 ? "" : textOf(await defineTools(tools, provider)),
    parameters: textOf(callParams),
    parser: outputParser?.toString() ?? "",
  };
}

async function schemaOf({ output, provider }: Definition<ProviderTypes>): Promise<string> {
  if (output === undefined) return "";
  const { schema, mode } = output;
  if (typeof schema === "function" && !isSchema(schema)) return textOf([mode, schema.toString()]);
  return textOf((await planOutput(output, [], provider)).definition);
}

function textOf(value: unknown): string {
  return JSON.stringify(value, plainOrDropped) ?? "";
}

/** The same as one word. */
export function fingerprintOf(parts: CallParts): string {
  return hashOf(JSON.stringify(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1)))).slice(0, 16);
}

/** The names of the parts that differ. */
export function changesBetween(before: CallParts, after: CallParts): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.filter((name) => before[name] !== after[name]);
}

/** A hash as 32 hexadecimal digits. */
export function hashOf(text: string): string {
  return builtin("node:crypto").hash("sha256", text, "hex").slice(0, 32);
}
