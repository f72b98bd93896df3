import { LazyModule } from "../contract/lazy-module.ts";
import type { ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError, PromptError } from "../errors/errors.ts";
import { isPart, toContent } from "../message/message.ts";
import type { Message } from "../message/parts.ts";
import type { Definition, Plan } from "./prepare.ts";
import type { DynamicConfig, Evaluated, PromptContent, PromptSource } from "./prompt-types.ts";
import { snapshot } from "./snapshot.ts";

const request = /* @__PURE__ */ new LazyModule(() => import("./prepare.ts"));

/** Prompt and parameters to the native request. Nothing is sent. */
export async function prepare<P extends ProviderTypes>(
  call: Definition<P>,
  args: readonly unknown[],
): Promise<Plan<P>> {
  const fnArgs: unknown[] = [];
  for (const arg of args) fnArgs.push(typeof arg === "object" && arg !== null ? snapshot(arg) : arg);
  // The prompt runs here and now; what makes a request of its messages is loaded with the first of them.
  const written = await evaluate(call.prompt, args);
  const { prepareEvaluated } = request.loaded ?? (await request.load());
  return prepareEvaluated(call, written, args, fnArgs);
}

/** @internal The key under which a prompt has its source. */
export const source = Symbol("prompt source");

/** What stands behind a prompt function, a plain function included. */
export function sourceOf(write: (...args: never[]) => unknown): PromptSource {
  if (typeof write !== "function") {
    throw new PromptError(`A call needs a prompt function; it was given ${describe(write)}.`);
  }
  const known = (write as { [source]?: PromptSource })[source];
  return known ?? { run: write, template: undefined, render: undefined, metadata: undefined };
}

/** Runs a prompt once: function, template, normalisation. Its files are still to be read. */
export async function evaluate(of: PromptSource, args: readonly unknown[]): Promise<Evaluated> {
  const returned = of.run === undefined ? undefined : await of.run(...(args as never[]));
  // The shortest way to write a prompt is the shortest way through.
  if (typeof returned === "string") {
    return { messages: [{ role: "user", content: returned }], config: { messages: returned }, template: undefined };
  }
  const config = toConfig(returned, of.template !== undefined);
  const written = config?.messages;
  const messages =
    written === undefined && of.render !== undefined
      ? of.render(variables(args[0], config?.computedFields))
      : toMessages(written, returned !== written);
  return {
    messages,
    config,
    template: written === undefined ? of.template?.text : undefined,
  };
}

function variables(args: unknown, computed: DynamicConfig["computedFields"]): Readonly<Record<string, unknown>> {
  if (args !== undefined && (typeof args !== "object" || args === null)) {
    throw new PromptError(`A template takes one object of variables; it was given ${describe(args)}.`);
  }
  try {
    return Object.assign(Object.create(null), args, computed);
  } catch (cause) {
    throw new PromptError("A template's variables could not be read.", { cause });
  }
}

const configKeys: readonly string[] = [
  "messages",
  "tools",
  "callParams",
  "computedFields",
  "metadata",
  "client",
] satisfies (keyof DynamicConfig)[];

function toConfig(returned: unknown, template: boolean): DynamicConfig | undefined {
  if (returned === undefined && template) return undefined;
  if (typeof returned !== "object" || returned === null || Array.isArray(returned) || isMessageLike(returned)) {
    return { messages: returned as PromptContent };
  }
  for (const key of Object.keys(returned)) {
    if (!configKeys.includes(key)) {
      throw new ConfigError(
        `A prompt function returned an object with the key "${key}"; a dynamic configuration has ${configKeys.join(", ")}.`,
      );
    }
  }
  return returned;
}

// A part, a neutral message, or a message of any provider: all of them have one of these keys, a configuration none.
function isMessageLike(value: object): boolean {
  return "role" in value || "type" in value || "parts" in value;
}

const allowed = "a string, a message, or an array of either strings and parts or messages";

/** `mayBeEmpty`: a configuration may name a stored prompt in place of messages; the provider decides about that. */
function toMessages(content: unknown, mayBeEmpty: boolean): readonly (Message | object)[] {
  if (typeof content === "string" || isPart(content)) return [{ role: "user", content: toContent(content) }];
  if (!Array.isArray(content)) {
    if (typeof content === "object" && content !== null && isMessageLike(content)) return [content];
    throw new PromptError(`A prompt function must return ${allowed}; it returned ${describe(content)}.`);
  }
  if (content.length === 0 && !mayBeEmpty) {
    throw new PromptError("A prompt function returned no messages: an empty array.");
  }
  let parts = 0;
  for (const [index, item] of content.entries()) {
    if (typeof item === "string" || isPart(item)) parts++;
    else if (typeof item !== "object" || item === null || Array.isArray(item)) {
      throw new PromptError(`A prompt function must return ${allowed}; element ${index} is ${describe(item)}.`);
    }
  }
  if (parts === 0) return content;
  if (parts === content.length) return [{ role: "user", content: toContent(content) }];
  throw new PromptError(`A prompt function must return ${allowed}; its array mixes messages with strings or parts.`);
}
