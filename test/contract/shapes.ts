import { z } from "zod";
import { ask, type Lane, type Said } from "./lane.ts";

/** The three ways a shape is asked for. */
export const modes = [
  { name: "a tool", jsonMode: false },
  { name: "JSON mode", jsonMode: true },
  { name: "its schema", jsonMode: "schema" },
] as const;

const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree);
  },
});

/** Schemas of every kind, each with a value that fits. */
export const cases = [
  {
    name: "an object with optional and nested fields",
    schema: z.object({ title: z.string(), author: z.object({ name: z.string().optional(), born: z.number() }) }),
    value: { title: "Dune", author: { born: 1920 } },
  },
  { name: "an array", schema: z.array(z.object({ a: z.number() })), value: [{ a: 1 }, { a: 2 }] },
  { name: "an enum", schema: z.enum(["red", "green"]), value: "green" },
  { name: "a union", schema: z.union([z.string(), z.number()]), value: 7 },
  {
    name: "a union of objects",
    schema: z.object({
      pet: z.union([
        z.object({ kind: z.literal("cat"), lives: z.number() }),
        z.object({ kind: z.literal("dog"), name: z.string() }),
      ]),
    }),
    value: { pet: { kind: "dog", name: "Rex" } },
  },
  { name: "a string", schema: z.string(), value: "Dune" },
  { name: "a number", schema: z.number(), value: 12.5 },
  { name: "a boolean", schema: z.boolean(), value: false },
  {
    name: "a recursive object",
    schema: Tree,
    value: { name: "a", children: [{ name: "b", children: [] }] },
  },
] as const;

/** The value as the model would send it where this is asked for: in a tool call or in text, wrapped where it has to be. */
export async function saidAs(lane: Lane, options: object, value: unknown): Promise<Said> {
  const { output } = await ask(lane, options).prepare();
  const keys = Object.keys(output?.schema?.properties ?? {});
  const wrapped = keys.length === 1 && keys[0] === "value";
  const text = JSON.stringify(wrapped ? { value } : value);
  if ("jsonMode" in options && options.jsonMode) return { text };
  return { toolCalls: [{ id: "call_answer", name: output?.name ?? "", args: text }] };
}
