import { checkLayers } from "../contract/layer-stack.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import type { OutputOption } from "../prepare/output-plan.ts";
import { isSchema } from "../schema/is-schema.ts";
import type { Tool } from "../tools/tool.ts";
import type { CallOptions } from "./types.ts";

const optionKeys: readonly string[] = [
  "stream",
  "tools",
  "responseModel",
  "outputParser",
  "jsonMode",
  "client",
  "callParams",
  "retries",
  "layers",
] satisfies (keyof CallOptions<ProviderTypes>)[];

export function checkOptions<P extends ProviderTypes>(options: CallOptions<P>): void {
  if (typeof options !== "object" || options === null) {
    throw new ConfigError(`A call's options are an object; they were given as ${describe(options)}.`);
  }
  const unknown = unknownKey("A call has no option", options, optionKeys);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { stream = false, outputParser, responseModel, tools = [], retries, jsonMode, layers } = options;
  checkTools(tools);
  if (layers !== undefined) checkLayers(layers);
  if (typeof stream !== "boolean" && typeof stream?.partialTools !== "boolean") {
    throw new ConfigError(`\`stream\` is true, false or { partialTools }; it was given ${describe(stream)}.`);
  }
  if (jsonMode !== undefined && typeof jsonMode !== "boolean" && jsonMode !== "schema") {
    throw new ConfigError(`\`jsonMode\` is true, false or "schema"; it was given ${describe(jsonMode)}.`);
  }
  if (outputParser !== undefined && typeof outputParser !== "function") {
    throw new ConfigError(`\`outputParser\` is a function; it was given ${describe(outputParser)}.`);
  }
  if (retries !== undefined && typeof retries?.validation !== "number") {
    throw new ConfigError("`retries` is { validation: n }: how often the model is shown its mistake and asked again.");
  }
  const times = retries?.validation ?? 0;
  if (!Number.isInteger(times) || times < 0) {
    throw new ConfigError(`\`retries.validation\` is a whole number from 0; it was given ${times}.`);
  }
  if (times > 0 && responseModel === undefined) {
    throw new ConfigError("`retries.validation` needs a `responseModel`: nothing else is validated.");
  }
  if (stream !== false && times > 0) {
    throw new ConfigError("A stream is not asked again: leave out `stream` or `retries`.");
  }
  if (stream !== false && outputParser !== undefined) {
    throw new ConfigError("An output parser needs the whole response: leave out `stream` or the parser.");
  }
  checkStructuredStream(stream !== false && responseModel !== undefined, tools);
  if (
    responseModel !== undefined &&
    !isSchema(responseModel) &&
    (typeof responseModel !== "function" || isClass(responseModel))
  ) {
    throw new ConfigError(
      "`responseModel` is a Standard Schema or a function that makes one; wrap JSON Schema in jsonSchema().",
    );
  }
}

/** A class, as all that can be called with `new` alone, has a prototype that is not to be replaced. */
function isClass(value: object): boolean {
  return Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
}

export function checkStructuredStream(isOne: boolean, tools: readonly Tool[]): void {
  if (!isOne || tools.length === 0) return;
  throw new ConfigError("A structured stream offers no tools: leave out `stream`, `tools` or `responseModel`.");
}

export function checkTools(tools: unknown): void {
  const isTool = (one: unknown) => typeof one === "object" && one !== null && "name" in one && "parameters" in one;
  if (Array.isArray(tools) && tools.every(isTool)) return;
  throw new ConfigError("`tools` is an array of what tool() gives.");
}

export function outputOption<P extends ProviderTypes>({
  responseModel,
  jsonMode,
}: CallOptions<P>): OutputOption | undefined {
  if (responseModel === undefined) return jsonMode ? { mode: "json", schema: undefined } : undefined;
  const mode = jsonMode === "schema" ? "schema" : jsonMode ? "json" : "tool";
  return { mode, schema: responseModel as OutputOption["schema"] };
}
