import type { GetPromptResult, McpServer, PromptMessage, StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { ConfigError, PromptError } from "../errors/errors.ts";
import { checkFunction, checkOptions } from "../layers/options.ts";
import { isMessage } from "../message/message.ts";
import type { Message, Part } from "../message/parts.ts";
import { sourceOf } from "../prepare/evaluate.ts";
import { written } from "../prepare/prompt.ts";
import type { PromptReturn } from "../prepare/prompt-types.ts";
import type { Infer, StandardSchemaV1 } from "../schema/schema.ts";
import { blockOf } from "./to-content.ts";

/** A prompt that a server offers. */
export interface McpPrompt {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** The schema of its arguments, each of them a text. */
  readonly parameters?: StandardSchemaV1 | undefined;
  readonly write: (...args: never[]) => unknown;
}

/** What `servePrompt` takes beside the prompt. */
export interface ServePromptOptions<Parameters extends StandardSchemaV1> {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** The schema of its arguments: an object of texts, which is all that the protocol has. Left out for one without. */
  readonly parameters?: Parameters | undefined;
}

/**
 * A prompt for a server: a function of one object of texts, plain or made by `prompt` or `promptTemplate`. Its system
 * messages go out as the user's, as the protocol has no other. Throws `ConfigError`.
 */
export function servePrompt<Parameters extends StandardSchemaV1 = StandardSchemaV1<unknown, Record<never, never>>>(
  write: (args: Infer<Parameters>) => PromptReturn | Promise<PromptReturn>,
  options: ServePromptOptions<Parameters>,
): McpPrompt {
  checkFunction("servePrompt()", write);
  checkOptions("servePrompt()", options, ["name", "title", "description", "parameters"]);
  if (typeof options.name !== "string" || options.name === "")
    throw new ConfigError("A prompt of a server has a `name`.");
  return { ...options, write };
}

/** Offers a prompt on a server of the SDK. */
export function offerPrompt(
  server: McpServer,
  { name, title, description, write }: McpPrompt,
  argsSchema: StandardSchemaWithJSON | undefined,
  onError: ((error: unknown, name: string) => void) | undefined,
): void {
  const config = { ...(title !== undefined && { title }), ...(description !== undefined && { description }) };
  const give = async (args: unknown): Promise<GetPromptResult> => {
    try {
      const { messages } = await written(sourceOf(write), [args]);
      return { messages: messages.flatMap((message) => promptMessages(name, message)) };
    } catch (error) {
      onError?.(error, name);
      // What a prompt function throws is the server's own affair.
      throw new PromptError(`The prompt "${name}" could not be written.`);
    }
  };
  if (argsSchema === undefined) server.registerPrompt(name, config, () => give({}));
  else server.registerPrompt(name, { ...config, argsSchema }, give);
}

function promptMessages(name: string, message: Message | object): PromptMessage[] {
  if (!isMessage(message)) {
    throw new ConfigError(`The prompt "${name}" has a message of a provider's own form: a server takes neutral ones.`);
  }
  const role = message.role === "assistant" ? "assistant" : "user";
  const parts: readonly Part[] =
    typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content;
  return parts.flatMap((part): PromptMessage[] => {
    // Neither says anything to who reads the prompt.
    if (part.type === "cache_control" || part.type === "thinking") return [];
    if (part.type === "tool_call" || part.type === "tool_result") {
      throw new ConfigError(`The prompt "${name}" has a part of the type ${part.type}, which the protocol has not.`);
    }
    return [{ role, content: blockOf(part) }];
  });
}
