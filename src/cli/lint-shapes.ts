import { loaders, type ProviderName } from "../any-provider.ts";
import type { CallRequest, OutputDefinition, Provider, ProviderTypes, ToolDefinition } from "../contract/provider.ts";
import { isCallscopeError, UnsupportedError } from "../errors/errors.ts";
import { planOutput } from "../prepare/output-plan.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { prepareSchema } from "../schema/schema.ts";
import { toStrictSchema } from "../schema/strict-schema.ts";
import { wrapSchema } from "../schema/wrap.ts";
import { defineTools } from "../tools/define.ts";
import type { Tool } from "../tools/tool.ts";
import type { Finding } from "./finding.ts";
import { isRecord } from "./is-record.ts";
import type { Sample } from "./samples.ts";
import { schemaRewrites } from "./schema-rewrites.ts";

type AnyProvider = Provider<ProviderTypes>;

/** A provider by its name; one of the user's own stands for itself. */
export async function providerNamed(name: string, own: AnyProvider): Promise<AnyProvider> {
  if (!Object.hasOwn(loaders, name)) return own;
  const { provider } = await loaders[name as ProviderName]();
  // Each is a provider of narrower types; it is given neutral requests alone.
  return provider as AnyProvider;
}

/** How a provider takes a call's tools and the schema of its answer: what each becomes, or why it is refused. */
export async function lintShapes(
  { definition, args }: Sample,
  tools: readonly Tool[],
  provider: AnyProvider,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const defined: ToolDefinition[] = [];
  for (const tool of tools) {
    const found = await attempt("tool", provider, findings, async () => {
      const [definition] = await defineTools([tool], provider);
      if (definition === undefined) return [];
      const request = requestOf(provider, [definition]);
      defined.push(definition);
      const sent = schemaOfTool(request, definition.name);
      return sent === undefined ? [] : rewritesOf(await prepareSchema(tool.parameters), sent, `the tool ${tool.name}`);
    });
    findings.push(
      ...(found ?? []).map((one) => ({ ...one, rule: "tool", level: "note", provider: provider.name }) as const),
    );
  }
  let output: OutputDefinition | undefined;
  const option = definition.output;
  if (option?.schema !== undefined) {
    const found = await attempt("schema", provider, findings, async () => {
      const { definition, schema, wrapper } = await planOutput(option, args, provider);
      output = definition;
      const plain = schema === undefined ? {} : await prepareSchema(schema);
      const request = requestOf(provider, [], definition, definition.mode !== "tool");
      return outputFindings(provider, definition, plain, wrapper, request);
    });
    findings.push(...(found ?? []));
  }
  // Each by itself passes; together they may be too much.
  if (!findings.some(({ level }) => level === "error") && defined.length + (output ? 1 : 0) > 1) {
    await attempt("tool", provider, findings, async () =>
      requestOf(provider, await defineTools(tools, provider), output),
    );
  }
  return findings;
}

function outputFindings(
  { name: provider }: AnyProvider,
  { mode, name, strict, schema }: OutputDefinition,
  plain: JsonSchema,
  wrapper: string | undefined,
  request: object,
): Finding[] {
  const whole = wrapper === undefined ? plain : wrapSchema(plain, wrapper);
  const findings: Finding[] = [];
  const say = (level: Finding["level"], message: string, place?: string) =>
    findings.push({ level, rule: "schema", provider, message, ...(place !== undefined && { place }) });
  if (wrapper !== undefined)
    say("note", `the answer is no object: it is asked for in one, as its property "${wrapper}"`);
  const sent = mode === "tool" ? schemaOfTool(request, name) : schemaLike(request, schema ?? {});
  if (sent === undefined && mode === "schema") {
    say("warning", "the answer is asked for in words: nothing holds the model to the schema");
  } else if (mode === "schema" && !strict && findObject(request, (value) => value.strict === false)) {
    const { message, place } = strictRefusal(whole);
    if (message !== undefined) say("warning", `the schema is sent, but not as a strict one: ${message}`, place);
  }
  for (const { place, message } of sent === undefined ? [] : rewritesOf(whole, sent, "the answer")) {
    say("note", message, place);
  }
  return findings;
}

function strictRefusal(schema: JsonSchema): { message?: string; place?: string } {
  try {
    toStrictSchema(schema);
    return {};
  } catch (error) {
    const place = error instanceof UnsupportedError ? placeText(error.place ?? []) : "";
    return { message: (error as Error).message, ...(place !== "" && { place }) };
  }
}

function rewritesOf(given: JsonSchema, sent: JsonSchema, whose: string): { place: string; message: string }[] {
  return schemaRewrites(given, sent).map(({ place, message }) => {
    return { place, message: `${whose}: ${place === "" ? "" : `"${place}" `}${message}` };
  });
}

/** What is tried; an error of this library's is a finding, any other is none of ours. */
async function attempt<Result>(
  rule: Finding["rule"],
  provider: AnyProvider,
  findings: Finding[],
  fn: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await fn();
  } catch (error) {
    if (!isCallscopeError(error)) throw error;
    const place = error instanceof UnsupportedError ? placeText(error.place ?? []) : "";
    findings.push({
      level: "error",
      rule,
      provider: provider.name,
      message: error.message,
      ...(place !== "" && { place }),
    });
    return undefined;
  }
}

/** The names of properties alone: `properties/a/items/properties/b` is `a.[].b`. */
export function placeText(path: readonly string[]): string {
  const names: string[] = [];
  for (let at = 0; at < path.length; at++) {
    if (path[at] === "properties" || path[at] === "$defs") names.push(path[++at] ?? "");
    else if (path[at] === "items") names.push("[]");
    else if (path[at]?.startsWith("#/")) names.push(path[at]?.split("/").at(-1) ?? "");
  }
  return names.join(".");
}

function requestOf(
  provider: AnyProvider,
  tools: readonly ToolDefinition[],
  output?: OutputDefinition,
  isHeld = true,
): object {
  const neutral: CallRequest<ProviderTypes> = {
    model: "model",
    messages: [{ role: "user", content: "." }],
    callParams: {},
    common: undefined,
    stream: false,
    tools,
    output,
  };
  const { request } = provider.params(neutral);
  if (isHeld) provider.check?.(request);
  return request as object;
}

/** The schema of a tool in a request of any provider's: what the object that has the tool's name holds of a schema's form. */
function schemaOfTool(request: object, name: string): JsonSchema | undefined {
  const owner = findObject(request, (value) => value.name === name);
  return owner && (findObject(owner, (value) => isRecord(value.properties)) as JsonSchema | undefined);
}

/** The schema that names the same properties. */
function schemaLike(request: object, schema: JsonSchema): JsonSchema | undefined {
  const keys = (value: unknown) => (isRecord(value) ? Object.keys(value).sort().join("\n") : undefined);
  const wanted = keys(schema.properties);
  if (wanted === undefined) return schema;
  return findObject(request, (value) => keys(value.properties) === wanted) as JsonSchema | undefined;
}

function findObject(
  value: unknown,
  fits: (value: Record<string, unknown>) => boolean,
): Record<string, unknown> | undefined {
  // Bedrock's API takes a schema as text.
  const node = typeof value === "string" && value.startsWith("{") ? parsed(value) : value;
  if (isRecord(node) && fits(node)) return node;
  if (typeof node !== "object" || node === null) return undefined;
  for (const item of Object.values(node)) {
    const found = findObject(item, fits);
    if (found !== undefined) return found;
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
