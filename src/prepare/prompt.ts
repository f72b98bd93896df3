import type { ProviderTypes } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError, PromptError } from "../errors/errors.ts";
import { plainOrLeftOut } from "../json/plain.ts";
import { readFilePart } from "../message/media.ts";
import { isPart, toContent } from "../message/message.ts";
import { FilePart, type Message, type Part } from "../message/parts.ts";
import { parseTemplate, renderTemplate, type Template } from "../template/template.ts";
import type { TemplateArgs, TemplateFunctionArgs, TemplateParameters } from "../template/template-types.ts";
import type { Tool } from "../tools/tool.ts";
import { promptText } from "./prompt-text.ts";

/** Messages in any of the ways a prompt may write them: text, parts, one message, several; neutral or the provider's. */
export type PromptContent<P extends ProviderTypes = ProviderTypes> =
  | string
  | Part
  | readonly (string | Part)[]
  | Message
  | P["Message"]
  | readonly (Message | P["Message"])[];

/** What a prompt function may return instead of messages, to decide about the call itself. Every key is optional. */
export interface DynamicConfig<P extends ProviderTypes = ProviderTypes> {
  /** The messages; a template's own when left out. */
  readonly messages?: PromptContent<P>;
  /** Replace the call's tools altogether; `[]` offers none. */
  readonly tools?: readonly Tool[];
  /** Merged over the call's own, key by key; `undefined` erases nothing. */
  readonly callParams?: Partial<P["Params"]>;
  /** Further variables of a template. */
  readonly computedFields?: Readonly<Record<string, unknown>>;
  /** Replaces the prompt's own metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** The client for this one call. */
  readonly client?: P["Client"];
}

/** What a prompt function returns. */
export type PromptReturn<P extends ProviderTypes = ProviderTypes> = PromptContent<P> | DynamicConfig<P>;

const source = Symbol("prompt source");

/** What stands behind a prompt. */
export interface PromptSource {
  readonly run: ((...args: never[]) => unknown) | undefined;
  readonly template: Template | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
}

/** A prompt by itself: call it for its messages, or bind it to any provider's call, which runs it there. */
export interface PromptFunction<Args extends unknown[], Result = Message[]> {
  /** Its messages; with the rest of its configuration where it decides about more. */
  (...args: Args): Promise<Result>;
  /** Its messages, whatever else it decides. */
  messages(...args: Args): Promise<Message[]>;
  /**
   * The messages as a text for people: a lone user message as it is, several with their roles in front (`SYSTEM: …`), the
   * further lines of each indented, so that no value looks like a message; media as their type and size. Not to be sent.
   */
  text(...args: Args): Promise<string>;
  /** All that is known of it with these arguments, as plain data for a log or a review. */
  dump(...args: Args): Promise<PromptDump>;
}

/** A prompt with its arguments, as plain data; named as on a response. Clients and what else is no data are left out. */
export interface PromptDump {
  /** The template's text; `undefined` where the messages came from no template. */
  readonly promptTemplate: string | undefined;
  readonly fnArgs: readonly unknown[];
  readonly computedFields: Readonly<Record<string, unknown>> | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly messages: readonly Message[];
  /** As `text` gives it. */
  readonly text: string;
}

/** What a prompt gives when it is called alone: its messages, or its configuration with the messages in it. */
export type PromptResult<Return> =
  Awaited<Return> extends infer Value
    ? Value extends DynamicConfig & { readonly role?: never; readonly type?: never }
      ? Value extends string | readonly unknown[]
        ? Message[]
        : Omit<Value, "messages"> & { readonly messages: Message[] }
      : Message[]
    : never;

/** Makes a function that writes a prompt into one that can be called alone and bound to every provider unchanged. */
export function prompt<Args extends unknown[], Return extends PromptReturn | Promise<PromptReturn>>(
  write: (...args: Args) => Return,
): PromptFunction<Args, PromptResult<Return>> {
  if (typeof write !== "function") throw new PromptError(`prompt() takes a function; it was given ${describe(write)}.`);
  return promptFunction({ run: write, template: undefined, metadata: undefined });
}

/**
 * A prompt from a template such as `"SYSTEM: You are {role}.\nUSER: {question}"`. The template is parsed once, here, and
 * its variables (with their format specifiers) decide the type of the one argument. The function, if any, adds computed
 * fields or any other dynamic configuration. Throws `PromptError` for a template that cannot be parsed.
 */
export function promptTemplate<const Text extends string>(
  text: Text,
): PromptFunction<TemplateParameters<TemplateArgs<Text>>>;
export function promptTemplate<
  const Text extends string,
  Args extends object,
  Return extends DynamicConfig | Promise<DynamicConfig>,
>(
  text: Text,
  configure: (args: Args) => Return,
): PromptFunction<TemplateParameters<TemplateFunctionArgs<Text, Args, ComputedFields<Return>>>, PromptResult<Return>>;
export function promptTemplate(
  text: string,
  configure?: (args: never) => unknown,
): PromptFunction<[args: never], unknown> {
  return promptFunction({ run: configure, template: parseTemplate(text), metadata: undefined });
}

type ComputedFields<Return> =
  Awaited<Return> extends { readonly computedFields: infer Fields } ? Fields : Record<never, never>;

/** The same prompt with metadata, which every response shows; a dynamic configuration's metadata replaces it. */
export function withMetadata<Args extends unknown[], Return extends PromptReturn | Promise<PromptReturn>>(
  metadata: Readonly<Record<string, unknown>>,
  write: (...args: Args) => Return,
): PromptFunction<Args, PromptResult<Return>> {
  return promptFunction({ ...sourceOf(write), metadata: { ...metadata } });
}

function promptFunction<Args extends unknown[], Result>(of: PromptSource): PromptFunction<Args, Result> {
  const write = async (...args: Args) => {
    const { messages, config } = await evaluate(of, args);
    const decides = config !== undefined && Object.keys(config).some((key) => key !== "messages");
    // The one place where the run-time rule meets `PromptResult`, which says the same of the types.
    return (decides ? { ...config, messages } : messages) as Result;
  };
  // A prompt of a provider's own messages has those here, too: `Message` is what its type promises of the neutral ones.
  const messagesOf = async (...args: Args) => [...(await evaluate(of, args)).messages] as Message[];
  const methods = {
    messages: messagesOf,
    text: async (...args: Args) => promptText(await messagesOf(...args)),
    dump: async (...args: Args) => dumpOf(of, args, await evaluate(of, args)),
  };
  return Object.defineProperty(Object.assign(write, methods), source, { value: of });
}

function dumpOf(of: PromptSource, args: readonly unknown[], { messages, config, template }: Evaluated): PromptDump {
  const plain = <Value>(value: Value) => plainOrLeftOut(value) as Value;
  return {
    promptTemplate: template,
    fnArgs: args.map(plain),
    computedFields: plain(config?.computedFields),
    metadata: plain(config?.metadata ?? of.metadata),
    messages: plain(messages as readonly Message[]),
    text: promptText(messages),
  };
}

/** What stands behind a prompt function, a plain function included. */
export function sourceOf(write: (...args: never[]) => unknown): PromptSource {
  if (typeof write !== "function") {
    throw new PromptError(`A call needs a prompt function; it was given ${describe(write)}.`);
  }
  const known = (write as { [source]?: PromptSource })[source];
  return known ?? { run: write, template: undefined, metadata: undefined };
}

/** A prompt that has been run. */
export interface Evaluated {
  readonly messages: readonly (Message | object)[];
  /** As the prompt function gave it, or `{ messages }` for a function that returned messages. */
  readonly config: DynamicConfig | undefined;
  /** The template's text, where the messages came from it. */
  readonly template: string | undefined;
}

/** Runs a prompt once: function, template, normalisation, files. */
export async function evaluate(of: PromptSource, args: readonly unknown[], signal?: AbortSignal): Promise<Evaluated> {
  const returned = of.run === undefined ? undefined : await of.run(...(args as never[]));
  // The shortest way to write a prompt is the shortest way through.
  if (typeof returned === "string") {
    return { messages: [{ role: "user", content: returned }], config: { messages: returned }, template: undefined };
  }
  const config = toConfig(returned, of.template !== undefined);
  const written = config?.messages;
  const messages =
    written === undefined && of.template !== undefined
      ? renderTemplate(of.template, variables(args[0], config?.computedFields))
      : toMessages(written, returned !== written);
  return {
    messages: messages.some(holdsFile) ? await Promise.all(messages.map((one) => readFiles(one, signal))) : messages,
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

function holdsFile(message: Message | object): boolean {
  const { content } = message as { content?: unknown };
  return Array.isArray(content) && content.some(isUnread);
}

function isUnread(part: unknown): boolean {
  if (part instanceof FilePart) return true;
  const { type, content } = (part ?? {}) as { type?: unknown; content?: unknown };
  return type === "tool_result" && Array.isArray(content) && content.some((piece) => piece instanceof FilePart);
}

async function readFiles(message: Message | object, signal: AbortSignal | undefined): Promise<Message | object> {
  if (!holdsFile(message)) return message;
  const { content, ...rest } = message as Message;
  const options = signal === undefined ? {} : { signal };
  const read = <Kept extends Part>(part: Kept) => (part instanceof FilePart ? readFilePart(part, options) : part);
  const readAll = async (part: Part): Promise<Part> => {
    if (part.type !== "tool_result" || typeof part.content === "string") return read(part);
    return { ...part, content: await Promise.all(part.content.map(read)) };
  };
  return { ...rest, content: await Promise.all((content as readonly Part[]).map(readAll)) };
}
