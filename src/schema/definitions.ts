import { type JsonSchema, resolveReference } from "./json-schema.ts";
import { mapReferences } from "./wrap.ts";

// What arktype calls a type that nobody named: its kind, and how many of them the process made before.
const counted = /^[a-z]+\d+$/;
// What zod and valibot call a definition that nobody named.
const unnamed = /^(?:__schema\d*|\d+|definition\d+)$/;

/**
 * The schema with the definitions of types that nobody named numbered in the order in which they are first referred to:
 * the same schema is the same text then, whatever was made before it, which prompt caches and recordings count on.
 */
export function numberDefinitions(schema: JsonSchema): JsonSchema {
  const { $defs = {} } = schema;
  const names = new Map<string, string>();
  const follow = (node: unknown): void => {
    mapReferences(node, (reference) => {
      const name = reference.startsWith(prefix) ? reference.slice(prefix.length) : "";
      if (!Object.hasOwn($defs, name) || names.has(name)) return reference;
      names.set(name, counted.test(name) ? `definition${names.size + 1}` : name);
      follow($defs[name]);
      return reference;
    });
  };
  const { $defs: _, ...root } = schema;
  follow(root);
  if (names.size === 0) return schema;
  const renamed = (node: JsonSchema | boolean) =>
    mapReferences(node, (reference) => {
      const name = names.get(reference.slice(prefix.length));
      return reference.startsWith(prefix) && name !== undefined ? prefix + name : reference;
    });
  const definitions = [...names].map(([name, number]) => [number, renamed($defs[name] ?? true)]);
  return { ...(renamed(root) as JsonSchema), $defs: Object.fromEntries(definitions) };
}

const prefix = "#/$defs/";

/** zod and arktype keep a named or recursive schema among the definitions; APIs want to see the object at the root. */
export function resolveRoot(schema: JsonSchema): JsonSchema {
  const { $ref, ...rest } = schema;
  const name = /^#\/\$defs\/([^/~%]+)$/.exec($ref ?? "")?.[1];
  const target = name === undefined ? undefined : resolveReference(schema, prefix + name);
  if (name === undefined || typeof target !== "object" || target.$ref !== undefined) return schema;
  const { [name]: _, ...others } = rest.$defs ?? {};
  const used = JSON.stringify([target, others]).includes(`"$ref":${JSON.stringify($ref)}`);
  const $defs = used ? rest.$defs : others;
  const title = unnamed.test(name) ? {} : { title: name };
  const { $defs: __, ...siblings } = rest;
  return { ...title, ...target, ...siblings, ...($defs && Object.keys($defs).length > 0 && { $defs }) };
}
