import type { Draft, Provider, ProviderTypes, RawToolCall } from "../contract/provider.ts";
import type { DeepPartial } from "../json/deep-partial.ts";
import { PartialJson } from "../json/partial-json.ts";
import type { Tool } from "../tools/tool.ts";
import type { ToolError } from "../tools/tool-error.ts";
import { type BoundToolUse, type OfferedTools, useTool } from "../tools/use.ts";
import type { CallResponse } from "./response.ts";

/** A tool call that is still being received. */
export type PartialToolUse<P extends ProviderTypes, T extends Tool> =
  T extends Tool<infer Name, infer Args> ? TypedPartialToolUse<P, Name, Args> : never;

/** A growing tool call with its name and arguments typed; it can be told from a whole one by its `delta`. */
export interface TypedPartialToolUse<P extends ProviderTypes, Name extends string, Args> {
  readonly name: Name;
  readonly id: string;
  readonly toolCall: P["ToolCall"] | undefined;
  /** The text of the arguments that this event added. */
  readonly delta: string;
  /** The arguments as far as they are known, not validated. */
  readonly args: DeepPartial<Args>;
}

/** The growing call at run time; `PartialToolUse` is its typed face. */
class GrowingToolUse<P extends ProviderTypes> implements TypedPartialToolUse<P, string, unknown> {
  readonly name: string;
  readonly id: string;
  readonly delta: string;
  readonly args: DeepPartial<unknown>;
  readonly #emitter: ToolEmitter<P>;
  readonly #index: number;

  constructor(
    { name, id, delta, args }: Pick<GrowingToolUse<P>, "name" | "id" | "delta" | "args">,
    emitter: ToolEmitter<P>,
    index: number,
  ) {
    this.name = name;
    this.id = id;
    this.delta = delta;
    this.args = args;
    this.#emitter = emitter;
    this.#index = index;
  }

  get toolCall(): P["ToolCall"] | undefined {
    return this.#emitter.nativeOf(this.#index);
  }
}

/** Decides which tool call goes with which event of a stream: each call once, when nothing can be added to it. */
export class ToolEmitter<P extends ProviderTypes> {
  readonly #provider: Provider<P>;
  readonly #draft: () => Draft<P>;
  readonly #offered: OfferedTools;
  readonly #hidden: string | undefined;
  readonly #response: () => CallResponse<ProviderTypes> | undefined;
  readonly #partials: PartialJson[] | undefined;
  readonly #emitted: boolean[] = [];
  #unknown: ToolError | undefined;

  constructor(options: {
    provider: Provider<P>;
    /** What is being received. */
    draft: () => Draft<P>;
    offered: OfferedTools;
    /** The name of the tool that only carries a structured answer. */
    hidden: string | undefined;
    partial: boolean;
    response: () => CallResponse<ProviderTypes> | undefined;
  }) {
    this.#provider = options.provider;
    this.#draft = options.draft;
    this.#offered = options.offered;
    this.#hidden = options.hidden;
    this.#response = options.response;
    this.#partials = options.partial ? [] : undefined;
  }

  /** The tool that goes with the event just read. */
  next(): unknown {
    const { calls } = this.#draft();
    if (calls.length === 0) return undefined;
    return (this.#partials && this.#growing(this.#partials)) ?? this.#completed(false);
  }

  /** What is left when the stream has come to its end, one by one. Then throws for a tool that does not exist. */
  *rest(): Generator<unknown, void> {
    for (let use = this.#completed(true); use !== undefined; use = this.#completed(true)) yield use;
    if (this.#unknown !== undefined) throw this.#unknown;
  }

  #growing(partials: PartialJson[]): unknown {
    const { calls } = this.#draft();
    for (let index = 0; index < calls.length; index++) {
      const call = calls[index] as Draft<P>["calls"][number];
      const { delta, input, name, id } = call;
      if (delta === "" || typeof input !== "string" || this.#emitted[index] || name === this.#hidden) continue;
      call.delta = "";
      let json = partials[index];
      if (json === undefined) {
        json = new PartialJson();
        partials[index] = json;
      }
      json.push(delta);
      return new GrowingToolUse<P>({ name, id, delta, args: json.value ?? {} }, this, index);
    }
    return undefined;
  }

  /** @internal The SDK's own call, as far as it is there: reading it means reading the whole answer so far. */
  nativeOf(index: number): P["ToolCall"] | undefined {
    return this.#raw(index)?.native;
  }

  #completed(ended: boolean): BoundToolUse<P> | undefined {
    for (const [index, { complete, name }] of this.#draft().calls.entries()) {
      if (this.#emitted[index] || !(complete || ended)) continue;
      this.#emitted[index] = true;
      const call = name === this.#hidden ? undefined : this.#raw(index);
      if (call === undefined) continue;
      try {
        const use = useTool(call, this.#offered, this.#response);
        if (use !== undefined) return use;
      } catch (error) {
        // Thrown at the end of the stream, so that nothing of it is lost.
        this.#unknown ??= error as ToolError;
      }
    }
    return undefined;
  }

  #raw(index: number): RawToolCall<P> | undefined {
    const { response } = this.#draft();
    return response && this.#provider.read(response).toolCalls[index];
  }
}
