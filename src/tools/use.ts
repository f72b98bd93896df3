import type { Answer } from "../contract/answer.ts";
import type { ProviderTypes, RawToolCall } from "../contract/provider.ts";
import { describe } from "../errors/describe.ts";
import { ConfigError } from "../errors/errors.ts";
import { listIssues } from "../errors/issue.ts";
import { findJson, type Repair } from "../json/find-json.ts";
import { noteRepairs } from "../json/repairs.ts";
import { type Fitting, fitValue } from "../schema/fit-value.ts";
import { conversions } from "./define.ts";
import type { Tool } from "./tool.ts";
import { ToolError } from "./tool-error.ts";

/** One call of a tool by the model, tied to the tool it names. `P` is the provider, `T` the tools that were offered. */
export type ToolUse<P extends ProviderTypes, T extends Tool> =
  T extends Tool<infer Name, infer Args, infer Output> ? TypedToolUse<P, Name, Args, Output> : never;

/** A tool call with its name, arguments and result typed. */
export interface TypedToolUse<P extends ProviderTypes, Name extends string, Args, Output> {
  readonly name: Name;
  /** The id a result is matched by; `""` where the provider gives none. */
  readonly id: string;
  /** The SDK's own tool call. */
  readonly toolCall: P["ToolCall"];
  /** The arguments, validated on first access. Throws `ToolError` with the issues and the raw call. */
  readonly args: Args;
  /** Validates the arguments (also asynchronously) and runs the tool's function. */
  call(options?: { readonly signal?: AbortSignal }): Promise<Awaited<Output>>;
}

/** What a call to a tool is resolved against. */
export interface OfferedTools {
  readonly tools: readonly Tool[];
  readonly prepared: { readonly nativeTools: boolean };
}

/**
 * Ties a raw call to the tool it names; `undefined` for a call to a tool that the caller offered in the provider's own
 * form, through `callParams`. Throws `ToolError` when no tool of that name was offered.
 */
export function useTool<P extends ProviderTypes>(
  call: RawToolCall<P>,
  { tools, prepared }: OfferedTools,
  response: () => Answer | undefined,
  cut = false,
): BoundToolUse<P> | undefined {
  const found = tools.find(({ name }) => name === call.name);
  if (found !== undefined) return new BoundToolUse(call, found, response, cut);
  if (prepared.nativeTools) return undefined;
  const offered = tools.length === 0 ? "none was offered" : `offered: ${tools.map(({ name }) => name).join(", ")}`;
  throw new ToolError("unknown_tool", `The model called the tool "${call.name}", which does not exist; ${offered}.`, {
    toolName: call.name,
    toolCall: call.native,
    response: response(),
  });
}

/** The raw call behind what a result is given for. Throws `ConfigError` for what is neither a tool's use nor a call. */
export function rawCallOf<P extends ProviderTypes>(use: unknown): RawToolCall<P> {
  if (use instanceof BoundToolUse) return use.raw as RawToolCall<P>;
  const { id, name, native } = (use ?? {}) as Partial<RawToolCall<P>>;
  if (typeof id === "string" && typeof name === "string" && typeof native === "object") return use as RawToolCall<P>;
  throw new ConfigError(
    `A result is given for one of a response's \`tools\` or \`toolCalls\`: [[tool, output], …]; it was given for ${describe(use)}.`,
  );
}

/** The tool use at run time; `ToolUse` is its typed face. */
export class BoundToolUse<P extends ProviderTypes> implements TypedToolUse<P, string, unknown, unknown> {
  readonly name: string;
  readonly id: string;
  readonly toolCall: P["ToolCall"];
  readonly #raw: RawToolCall<P>;
  readonly #tool: Tool;
  readonly #response: () => Answer | undefined;
  readonly #cut: boolean;
  #fitting: Fitting<unknown> | Promise<Fitting<unknown>> | undefined;

  /** `cut`: the token limit was met in this call. Text shows that by itself, an object does not. */
  constructor(raw: RawToolCall<P>, tool: Tool, response: () => Answer | undefined, cut = false) {
    this.#cut = cut;
    this.name = raw.name;
    this.id = raw.id;
    this.toolCall = raw.native;
    this.#raw = raw;
    this.#tool = tool;
    this.#response = response;
  }

  get args(): unknown {
    const fitting = this.#fit();
    if (fitting instanceof Promise) {
      throw this.#error([{ message: "its schema validates asynchronously: use `await call()`" }]);
    }
    return this.#unwrap(fitting);
  }

  async call(options?: { readonly signal?: AbortSignal }): Promise<unknown> {
    return this.#tool.call(this.#unwrap(await this.#fit()), { ...options, toolCallId: this.id });
  }

  /** @internal Validates the arguments. Throws `ToolError` for such as do not fit. */
  async validated(): Promise<unknown> {
    return this.#unwrap(await this.#fit());
  }

  /** @internal */
  get description(): string | undefined {
    return this.#tool.description;
  }

  /** The call itself, without functions or schemas. */
  toJSON(): object {
    return { name: this.name, id: this.id, toolCall: this.toolCall };
  }

  /** @internal What `toolMessageParams` sends the result for. */
  get raw(): RawToolCall<P> {
    return this.#raw;
  }

  #fit(): Fitting<unknown> | Promise<Fitting<unknown>> {
    if (this.#fitting === undefined) {
      const args = this.#parse();
      this.#fitting = fitValue(this.#tool.parameters, conversions.get(this.#tool)?.restore(args) ?? args);
    }
    return this.#fitting;
  }

  #parse(): unknown {
    const { input } = this.#raw;
    const isText = typeof input === "string";
    if (this.#cut && (!isText || input.trim() === "")) throw this.#error([{ message: "the token limit cut them off" }]);
    if (!isText) return input;
    if (input.trim() === "") return {};
    try {
      // `null` is what some models write for a tool without arguments.
      return JSON.parse(input) ?? {};
    } catch (cause) {
      const found = findJson(input, "object");
      // With prose around it nobody knows whether it is meant, and a tool may do what cannot be undone.
      if (found === undefined || found.repairs.includes("prose")) {
        throw this.#error([{ message: `they are not JSON: ${(cause as Error).message}` }], cause);
      }
      this.#note(found.repairs);
      return found.value;
    }
  }

  #unwrap({ validation, repairs }: Fitting<unknown>): unknown {
    if (validation.issues !== undefined) throw this.#error(validation.issues, validation.cause);
    this.#note(repairs);
    return validation.value;
  }

  #note(repairs: readonly Repair[]): void {
    noteRepairs(this.#raw.native, repairs);
  }

  #error(issues: ToolError["issues"], cause?: unknown): ToolError {
    return new ToolError(
      "invalid_arguments",
      `The arguments of the tool call "${this.name}" (id ${JSON.stringify(this.id)}) cannot be used: ${listIssues(issues)}`,
      { toolName: this.name, toolCall: this.toolCall, issues, response: this.#response() },
      cause === undefined ? {} : { cause },
    );
  }
}
