/** A call's input as the JSON text of an object, which every provider takes back: free or broken text is wrapped. */
export function toArguments(input: string | object): string {
  if (typeof input === "object") return JSON.stringify(input);
  return isObjectText(input) ? input : isNothing(input) ? "{}" : JSON.stringify({ input });
}

/**
 * Arguments as they can be sent back: the same text where it is the JSON of an object, `{}` where the model wrote nothing
 * or `null`, and what is neither in the wrapper that Anthropic recommends, with which a model sees its own mistake:
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming
 */
export function mendArguments(text: string): string {
  return isObjectText(text) ? text : isNothing(text) ? "{}" : JSON.stringify({ INVALID_JSON: text });
}

/** The same for wires that have arguments as the object: what came as text, or as no object, is made one. */
export function mendInput(input: unknown): object {
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  const text = typeof input === "string" ? input : (JSON.stringify(input) ?? "");
  return JSON.parse(mendArguments(text)) as object;
}

/** True for arguments in the wrapper of `mendArguments`, as an object or its text. */
export function isMended(input: unknown): boolean {
  const value = typeof input === "string" && isObjectText(input) ? (JSON.parse(input) as object) : input;
  if (typeof value !== "object" || value === null) return false;
  const [key, ...more] = Object.keys(value);
  return key === "INVALID_JSON" && more.length === 0;
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function isNothing(text: string): boolean {
  return /^\s*(?:null\s*)?$/.test(text);
}
