import type { ProviderTypes } from "../contract/provider.ts";
import type { Message, Part } from "../message/parts.ts";
import type { Template } from "../template/template.ts";
import type { Tool } from "../tools/tool.ts";

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

/** What stands behind a prompt. */
export interface PromptSource {
  readonly run: ((...args: never[]) => unknown) | undefined;
  readonly template: Template | undefined;
  /** The messages of the template: who only writes functions does not load what writes them. */
  readonly render: ((values: Readonly<Record<string, unknown>>) => Message[]) | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
}

/** A prompt that has been run. */
export interface Evaluated {
  readonly messages: readonly (Message | object)[];
  /** As the prompt function gave it, or `{ messages }` for a function that returned messages. */
  readonly config: DynamicConfig | undefined;
  /** The template's text, where the messages came from it. */
  readonly template: string | undefined;
}
