import { ConfigError } from "../errors/errors.ts";
import { checkOptions } from "../layers/options.ts";
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
export interface CallToolOptions<
  Name extends string,
  Parameters extends StandardSchemaV1 | JsonSchema,
  Args extends readonly unknown[],
> extends Pick<ToolOptions<Name, Parameters, unknown>, "name" | "description" | "parameters"> {
  /** The call's arguments, of the tool's. Left out, the tool's arguments are the call's one argument. */
  readonly args?: (given: ToolArgs<Parameters>) => Args;
}

/**
 * A call, or a tool loop, as a tool: for a server of ours, or for another call. It gives the text of the answer, or the
 * value of a call with a response model. A streaming call reports its text while it comes. Ends with the run that uses it.
 * An answer that is not whole is an error to who asked. Throws `ToolError` and `ConfigError`.
 */
export function callTool<
  const Name extends string,
  Args extends readonly unknown[],
  Parameters extends StandardSchemaV1 | JsonSchema = Record<never, never>,
>(
  call: (...args: [...Args]) => unknown,
  options: CallToolOptions<Name, Parameters, Args>,
): Tool<Name, ToolArgs<Parameters>, Promise<unknown>> {
  if (typeof call !== "function") throw new ConfigError("callTool() takes a call, as openai.call(...) gives it.");
  checkOptions("callTool()", options, ["name", "description", "parameters", "args"]);
  const { args, ...rest } = options;
  return tool({
    ...rest,
    call: (given: ToolArgs<Parameters>, context: ServedContext) => {
      // Without `args` the call's one parameter is what the tool is given.
      const own = args === undefined ? ([given] as unknown as Args) : args(given);
      let said = 0;
      const seen = (text: string) => {
        said += text.length;
        context.report?.({ progress: said, message: text });
      };
      return within({ signal: context.signal }, async () => outputOfCall(call(...own), seen));
    },
  });
}
