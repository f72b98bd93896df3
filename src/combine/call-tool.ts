import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { unknownKey } from "../errors/known-keys.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import type { StandardSchemaV1 } from "../schema/schema.ts";
import { within } from "../send/scope.ts";
import { type Tool, type ToolArgs, type ToolContext, type ToolOptions, tool } from "../tools/tool.ts";
import { outputOfCall } from "./call-output.ts";

/** What a tool's function is told by a server of ours, beside the signal. */
export interface ServedContext extends ToolContext {
  /** Tells the client how far it has come, where it asked to be told. `progress` grows. */
  readonly report?: (update: { readonly progress: number; readonly total?: number; readonly message?: string }) => void;
}

/** What `callTool` takes beside the call. */
export interface CallToolOptions<Name extends string, Parameters extends StandardSchemaV1 | JsonSchema>
  extends Pick<ToolOptions<Name, Parameters, unknown>, "name" | "description" | "parameters"> {}

/** The same, with what makes the call's arguments of the tool's. */
export interface CallToolWithArgs<
  Name extends string,
  Parameters extends StandardSchemaV1 | JsonSchema,
  Args extends readonly unknown[],
> extends CallToolOptions<Name, Parameters> {
  readonly args: (given: ToolArgs<Parameters>) => readonly [...Args];
}

/**
 * A call, or a tool loop, as a tool: for a server of ours, or for another call. It gives the text of the answer, or the
 * value of a call with a response model. The tool's arguments are the call's one argument, or what `args` makes of them. A
 * streaming call reports its text while it comes. It ends with the run that uses it. An answer that is not whole is an error
 * to who asked. Throws `ToolError` and `ConfigError`.
 */
export function callTool<
  const Name extends string,
  Args extends readonly unknown[],
  Parameters extends StandardSchemaV1 | JsonSchema = Record<never, never>,
>(
  call: (...args: [...Args]) => unknown,
  options: CallToolWithArgs<Name, Parameters, Args>,
): Tool<Name, ToolArgs<Parameters>, Promise<unknown>>;
export function callTool<
  const Name extends string,
  Parameters extends StandardSchemaV1 | JsonSchema = Record<never, never>,
>(
  call: (given: ToolArgs<Parameters>) => unknown,
  options: CallToolOptions<Name, Parameters>,
): Tool<Name, ToolArgs<Parameters>, Promise<unknown>>;
export function callTool(
  call: (...args: readonly unknown[]) => unknown,
  options: CallToolOptions<string, JsonSchema> & {
    readonly args?: (given: Record<string, unknown>) => readonly unknown[];
  },
): Tool<string, Record<string, unknown>, Promise<unknown>> {
  check(call, options);
  const { args, ...rest } = options;
  return tool({
    ...rest,
    call: (given: Record<string, unknown>, context: ServedContext) => {
      let said = 0;
      const seen = (text: string) => {
        said += text.length;
        context.report?.({ progress: said, message: text });
      };
      const own = args === undefined ? [given] : args(given);
      return within({ signal: context.signal }, async () => outputOfCall(call(...own), seen));
    },
  });
}

function check(call: unknown, options: unknown): void {
  if (typeof call !== "function") throw new ConfigError("callTool() takes a call, as openai.call(...) gives it.");
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ConfigError(`callTool() takes an object of options; it was given ${describe(options)}.`);
  }
  const unknown = unknownKey("callTool() has no option", options, ["name", "description", "parameters", "args"]);
  if (unknown !== undefined) throw new ConfigError(unknown);
  const { args } = options as { readonly args?: unknown };
  if (args === undefined || typeof args === "function") return;
  throw new ConfigError(`\`args\` is a function; it was given ${describe(args)}.`);
}
