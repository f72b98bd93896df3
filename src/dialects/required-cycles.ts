import type { JsonSchema } from "../schema/json-schema.ts";

type Node = JsonSchema | boolean;

/**
 * The schema without the demand for properties in which it leads back to itself; the validator holds to it still. The
 * given schema is not changed, and given back as it is when nothing had to be.
 */
export function withoutCycles(schema: JsonSchema): JsonSchema {
  const { $defs, definitions, ...root } = schema;
  const places = new Map<string, Node>([["#", root]]);
  for (const [keyword, defined] of Object.entries({ $defs, definitions })) {
    for (const [name, node] of Object.entries((defined ?? {}) as Record<string, Node>)) {
      places.set(`#/${keyword}/${name}`, node);
    }
  }
  const leadsTo = reachOf(places);
  let changed = false;
  const relax = (place: string, node: unknown): unknown => {
    if (typeof node !== "object" || node === null) return node;
    if (Array.isArray(node)) return node.map((item) => relax(place, item));
    const entries = Object.entries(node).map(([key, value]) => {
      if (data.includes(key)) return [key, value];
      const inside = key === "$defs" || key === "definitions" ? mapNames(key, value) : relaxIn(place, key, value);
      return [key, inside];
    });
    const copy: { required?: readonly string[] } = Object.fromEntries(entries);
    const { properties = {}, required } = node as JsonSchema;
    const kept = required?.filter((name) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return property === undefined || !referencesOf(property, false).some((to) => leadsTo(to, place));
    });
    if (kept === undefined || kept.length === required?.length) return copy;
    changed = true;
    return { ...copy, required: kept };
  };
  const relaxIn = (place: string, key: string, value: unknown) =>
    key === "properties" ? mapEach(value, (property) => relax(place, property)) : relax(place, value);
  const mapNames = (keyword: string, value: unknown) =>
    mapEach(value, (node, name) => relax(`#/${keyword}/${name}`, node));
  const relaxed = relax("#", schema) as JsonSchema;
  return changed ? relaxed : schema;
}

// What these hold is data, whatever its keys are.
const data: readonly string[] = ["const", "enum", "default", "examples", "required"];

function mapEach(record: unknown, change: (value: unknown, name: string) => unknown): unknown {
  if (typeof record !== "object" || record === null) return record;
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}

/** Whether a place of the document leads, straight or through others, to another. */
function reachOf(places: ReadonlyMap<string, Node>): (from: string, to: string) => boolean {
  const reach = new Map<string, Set<string>>();
  return (from, to) => {
    let known = reach.get(from);
    if (known === undefined) {
      known = new Set();
      reach.set(from, known);
      const open = [from];
      for (let place = open.pop(); place !== undefined; place = open.pop()) {
        if (known.has(place)) continue;
        known.add(place);
        open.push(...referencesOf(places.get(place) ?? true, true));
      }
    }
    return known.has(to);
  };
}

/** The references in a schema; with `deep` false not those in properties of its own, which are theirs to make optional. */
function referencesOf(node: unknown, deep: boolean): string[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((item) => referencesOf(item, deep));
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === "$ref" && typeof value === "string") return [value];
    if (data.includes(key) || key === "$defs" || key === "definitions") return [];
    if (key !== "properties") return referencesOf(value, deep);
    return deep ? Object.values(value as object).flatMap((property) => referencesOf(property, deep)) : [];
  });
}
