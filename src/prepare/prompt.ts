import { describe } from "../errors/describe.ts";
import { PromptError } from "../errors/errors.ts";
import { plainOrLeftOut } from "../json/plain.ts";
import type { Message } from "../message/parts.ts";
import { parseTemplate, renderTemplate } from "../template/template.ts";
import type { TemplateArgs, TemplateFunctionArgs, TemplateParameters } from "../template/template-types.ts";
import { evaluate, source, sourceOf } from "./evaluate.ts";
import { promptText } from "./prompt-text.ts";
import type { DynamicConfig, Evaluated, PromptReturn, PromptSource } from "./prompt-types.ts";
import { holdsFile, readFiles } from "./read-files.ts";

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
  return promptFunction({ run: write, template: undefined, render: undefined, metadata: undefined });
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
  const template = parseTemplate(text);
  const render: PromptSource["render"] = (values) => renderTemplate(template, values);
  return promptFunction({ run: configure, template, render, metadata: undefined });
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
    const { messages, config } = await written(of, args);
    const decides = config !== undefined && Object.keys(config).some((key) => key !== "messages");
    // The one place where the run-time rule meets `PromptResult`, which says the same of the types.
    return (decides ? { ...config, messages } : messages) as Result;
  };
  // A prompt of a provider's own messages has those here, too: `Message` is what its type promises of the neutral ones.
  const messagesOf = async (...args: Args) => [...(await written(of, args)).messages] as Message[];
  const methods = {
    messages: messagesOf,
    text: async (...args: Args) => promptText(await messagesOf(...args)),
    dump: async (...args: Args) => dumpOf(of, args, await written(of, args)),
  };
  return Object.defineProperty(Object.assign(write, methods), source, { value: of });
}

/** A prompt that has been run, with its files read. */
export async function written(of: PromptSource, args: readonly unknown[]): Promise<Evaluated> {
  const evaluated = await evaluate(of, args);
  return evaluated.messages.some(holdsFile)
    ? { ...evaluated, messages: await readFiles(evaluated.messages) }
    : evaluated;
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
