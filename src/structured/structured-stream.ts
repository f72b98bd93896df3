import { LazyModule } from "../contract/lazy-module.ts";
import type { ProviderTypes, ToolCallDraft } from "../contract/provider.ts";
import { ConfigError } from "../errors/errors.ts";
import type { Issue } from "../errors/issue.ts";
import type { DeepPartial } from "../json/deep-partial.ts";
import type { PartialJson } from "../json/partial-json.ts";
import type { OutputPlan } from "../prepare/output-plan.ts";
import type { CallResponse } from "../read/response.ts";
import type { Spent, Stream } from "../read/stream.ts";
import { StreamError } from "../read/stream-error.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import type { StandardSchemaV1 } from "../schema/schema.ts";
import type { ParseError } from "./parse-error.ts";

const growing = /* @__PURE__ */ new LazyModule(() => import("./growing.ts"));

/** What an array's elements are; `never` for any other value. */
export type ElementOf<Value> = Value extends readonly (infer Element)[] ? Element : never;

/**
 * A structured answer as it grows. Iterating gives the value as far as it was received, each time it grew, and at the
 * very end the validated one. What was finished earlier is shared between the steps, never copied.
 */
export class StructuredStream<P extends ProviderTypes, Value, Received = Value>
  implements AsyncIterable<DeepPartial<Received> | Value>
{
  /** The stream underneath: its text, usage and cost. */
  readonly stream: Stream<P>;
  #final: { readonly value: Value } | undefined;

  /** @internal */
  constructor(stream: Stream<P>) {
    this.stream = stream;
  }

  // A validated value is no promise, nor is a partial one: a generator's type would make both `Awaited`.
  [Symbol.asyncIterator](): AsyncIterator<DeepPartial<Received> | Value, undefined> {
    return this.#iterate() as AsyncIterator<DeepPartial<Received> | Value, undefined>;
  }

  async *#iterate(): AsyncGenerator<unknown, undefined> {
    for await (const json of this.#grow(true)) {
      const value = this.#shown(json);
      if (value !== undefined) yield value;
    }
    yield await this.#finish();
  }

  /**
   * The elements of an array, each whole and validated, as soon as it is complete. A limit on the array's length does
   * not delay them: it is checked at the end, when the whole array is. Behind prose they wait for the end, as that may turn
   * out to be the model's thoughts. Throws `ConfigError` for a value that is no array.
   */
  async *elements(): AsyncGenerator<ElementOf<Value>, undefined> {
    let given = 0;
    let certain = true;
    let source: unknown;
    // Every null counts here: an element is validated, not shown.
    for await (const json of this.#grow(false)) {
      if (!isArray(this.stream.plan?.output)) break;
      if (given > 0 && source !== json.range.start) throw await this.#retracted(given);
      source = json.range.start;
      if (json.afterProse) continue;
      for (; certain && given < json.completedItems; given++) {
        const element = await this.#element(this.#shown(json), given);
        certain = element !== undefined;
        if (element === undefined) break;
        yield element.value;
      }
    }
    if (!isArray(this.stream.plan?.output))
      throw new ConfigError("elements() needs a response model that is an array.");
    const value: unknown = await this.#finish();
    for (; Array.isArray(value) && given < value.length; given++) yield value[given] as ElementOf<Value>;
  }

  /** The validated value. Throws `StreamError` until the stream has come to its end. */
  get constructedResponseModel(): Value {
    if (this.#final !== undefined) return this.#final.value;
    throw new StreamError(
      "stream_unfinished",
      "The structured stream has not come to its end.",
      this.stream.partialResponse,
    );
  }

  /** US dollars of a finished stream; `undefined` before, and where no price is certain. */
  get cost(): number | undefined {
    return this.stream.cost;
  }

  /** What it has cost so far, also when it was aborted: the provider's figures, or an estimate that says it is one. */
  get spent(): Spent | undefined {
    return this.stream.spent;
  }

  /** The whole response. Throws `StreamError` until the stream has ended. */
  get response(): CallResponse<P> {
    return this.stream.constructCallResponse();
  }

  async *#grow(partial: boolean): AsyncGenerator<PartialJson, undefined> {
    let json: PartialJson | undefined;
    let carried = false;
    for await (const [chunk] of this.stream.chunks()) {
      const plan = this.stream.plan?.output;
      if (plan === undefined) continue;
      const call = this.#carrier(plan);
      // An answer in text where a tool was forced is read all the same, until the tool call comes.
      if (json === undefined || (call !== undefined && !carried)) {
        const { PartialJson } = growing.loaded ?? (await growing.load());
        json = new PartialJson({
          root: "object",
          omitNulls: partial && plan.definition.strict,
          ...(plan.wrapper !== undefined && { itemsAt: plan.wrapper }),
        });
      }
      const text = call === undefined ? chunk.content : carriedBy(call, carried);
      carried ||= call !== undefined;
      if (text !== "" && json.push(text)) yield json;
    }
  }

  #carrier(plan: OutputPlan): ToolCallDraft | undefined {
    if (plan.definition.mode !== "tool") return undefined;
    return this.stream.draft.calls.find(({ name }) => name === plan.definition.name);
  }

  #shown(json: PartialJson): unknown {
    const { value } = json;
    const wrapper = this.stream.plan?.output?.wrapper;
    return wrapper === undefined ? value : (value as Record<string, unknown> | undefined)?.[wrapper];
  }

  /** `undefined` where the schema says something of the array as a whole: only the end can tell then. */
  async #element(array: unknown, index: number): Promise<{ readonly value: ElementOf<Value> } | undefined> {
    const { fitValue, listIssues, ParseError } = growing.loaded ?? (await growing.load());
    const plan = this.stream.plan?.output as OutputPlan;
    const wrapper = plan.wrapper as string;
    const element: unknown = plan.restore({ [wrapper]: [(array as unknown[])[index]] });
    const [restored] = (element as { [key: string]: unknown[] })[wrapper] ?? [];
    // The schema speaks of the whole array: copies make up for the elements that are still to come.
    const copies = Math.max(1, minimumItems(plan));
    const { validation } = await fitValue(plan.schema as StandardSchemaV1, Array(copies).fill(restored));
    if (validation.issues === undefined) {
      const made: unknown = validation.value;
      return Array.isArray(made) && made.length === copies ? { value: made[0] as ElementOf<Value> } : undefined;
    }
    // All of them are this element: one that is wrong is wrong in the first place already.
    if (!validation.issues.some(isInFirst)) return undefined;
    const response = this.stream.partialResponse as CallResponse<P>;
    throw new ParseError(
      "invalid_data",
      `Element ${index} does not fit the response model: ${listIssues(validation.issues)}`,
      {
        response,
        text: JSON.stringify(restored),
        issues: validation.issues,
      },
    );
  }

  /** Elements were given, and now it shows that they were none of the answer. */
  async #retracted(given: number): Promise<ParseError> {
    const { ParseError } = growing.loaded ?? (await growing.load());
    const message = `The first ${given} elements were the model's thoughts: the answer began anew after them.`;
    const response = this.stream.partialResponse as CallResponse<P>;
    return new ParseError("invalid_data", message, { response, text: response.content });
  }

  async #finish(): Promise<Value> {
    const plan = this.stream.plan?.output as OutputPlan;
    const { extract } = growing.loaded ?? (await growing.load());
    const value = await extract(this.stream.constructCallResponse(), plan);
    this.#final = { value: value as Value };
    return value as Value;
  }
}

/** The text that an event added to the call; a call that came as an object is text of its own, once. */
function carriedBy(call: ToolCallDraft, carried: boolean): string {
  if (typeof call.input !== "string") return carried ? "" : JSON.stringify(call.input);
  const { delta } = call;
  // What was received before is not looked at again: that would cost more with every event.
  call.delta = "";
  return delta;
}

function isInFirst({ path: [step] = [] }: Issue): boolean {
  return (typeof step === "object" ? step.key : step) === 0;
}

function isArray(plan: OutputPlan | undefined): boolean {
  return plan !== undefined && arrayIn(plan) !== undefined;
}

function arrayIn({ wrapper, definition }: OutputPlan): JsonSchema | undefined {
  const root = wrapper === undefined ? undefined : definition.schema?.properties?.[wrapper];
  return typeof root === "object" && root.type === "array" ? root : undefined;
}

function minimumItems(plan: OutputPlan): number {
  const minimum = arrayIn(plan)?.minItems;
  return typeof minimum === "number" ? minimum : 0;
}
