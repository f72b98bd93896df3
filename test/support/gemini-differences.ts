import { geminiTruth } from "./gemini-truth.ts";
import type { Json } from "./replay.ts";

// In what a body that we send may differ from the recorded one, each with its reason.

const differences = {
  /** Clients in other languages write `inline_data`; the wire takes both, the SDK and we write `inlineData`. */
  casing: (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(differences.casing);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
        return [name, opaque.includes(name) ? item : differences.casing(item)];
      }),
    );
  },
  /** The SDK always writes `generationConfig`. */
  emptyConfig: (body: Json): Json => ({ generationConfig: {}, ...body }),
  /** The API takes a single part without its list; the SDK's type does not. */
  systemParts: ({ systemInstruction, ...body }: Json): Json => {
    if (systemInstruction === undefined) return body;
    const { parts, ...rest } = systemInstruction as Json;
    return { ...body, systemInstruction: { ...rest, parts: Array.isArray(parts) ? parts : [parts] } };
  },
  /**
   * We declare our tools by JSON Schema, where older clients write Google's own schema; one without parameters has
   * none; ours stand in one entry before Google's own tools.
   */
  declarations: ({ tools, ...body }: Json): Json => {
    if (tools === undefined) return body;
    const { declared, native } = declarationsOf(tools as Json[]);
    const entries = declared.map(({ parametersJsonSchema: schema, ...rest }) => ({
      ...rest,
      ...(Object.keys((schema.properties as Json | undefined) ?? {}).length > 0 && { parametersJsonSchema: schema }),
    }));
    return { ...body, tools: [...(entries.length > 0 ? [{ functionDeclarations: entries }] : []), ...native] };
  },
};

/** What is the caller's own data: its keys are nobody's to rename. */
const opaque = ["args", "response", "parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema"];

/** A declared function. */
export interface Declaration {
  readonly name: string;
  readonly description?: string;
  readonly parametersJsonSchema: Json;
}

/** The declared functions by their JSON Schema, and the other entries as they are. */
export function declarationsOf(tools: readonly Json[]): { declared: Declaration[]; native: Json[] } {
  const lists = tools.flatMap(({ functionDeclarations }) => (functionDeclarations ?? []) as Json[]);
  const declared = lists.map(({ parameters, parametersJsonSchema, ...rest }): Declaration => {
    const schema = parametersJsonSchema ?? lowered(parameters ?? {});
    return { ...(rest as Json & { name: string }), parametersJsonSchema: schema as Json };
  });
  return { declared, native: tools.filter((entry) => !("functionDeclarations" in entry)) };
}

const typeNames = ["", "string", "number", "integer", "boolean", "array", "object"];

/** Google's schema as JSON Schema: its types are in capitals, or numbers under `enum-encoding=int`. */
function lowered(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lowered);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key !== "type") return [key, lowered(value)];
      return [key, typeof value === "number" ? typeNames[value] : String(value).toLowerCase()];
    }),
  );
}

/** The body that ours is to equal: the recorded one but for the differences above. */
export function expectedBody(recorded: Json): Json {
  const body = differences.casing(recorded) as Json;
  return differences.declarations(differences.systemParts(differences.emptyConfig(body)));
}

/**
 * What a message means, whoever wrote it. Where the recorded clients differ from ours: they leave out signatures and
 * thoughts, or repeat a signature on every call; they give calls ids of their own; they leave out empty texts and write
 * JSON in texts anew; they send argument pieces back as pieces, where ours are the arguments they add up to.
 */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isThought(item)).map(comparable);
  if (typeof value !== "object" || value === null) return value;
  const { thoughtSignature: _, ...rest } = value as Json;
  return Object.fromEntries(
    Object.entries(rest).map(([key, item]) => {
      if (key === "functionCall" || key === "functionResponse") return [key, comparableCall(item as Json)];
      return [key, key === "text" ? parsed(item) : comparable(item)];
    }),
  );
}

function comparableCall({ id: _, partialArgs, ...call }: Json): Json {
  if (partialArgs === undefined) return call;
  const body = { candidates: [{ content: { parts: [{ functionCall: { name: "pieces", partialArgs } }] } }] };
  return { ...call, args: geminiTruth({ status: 200, headers: {}, body }).toolCalls[0]?.input };
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return text;
  }
}

function isThought(item: unknown): boolean {
  const part = item as Json | null;
  return typeof part === "object" && part !== null && (part.thought === true || part.text === "");
}
